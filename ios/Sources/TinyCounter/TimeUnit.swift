internal import TinyCounterBindings

/// A unit of time. Seconds, minutes and hours are in UTC. Days, weeks (from Monday), months and
/// years are in the local calendar at the time of recording.
public enum TimeUnit: Sendable, Hashable, CaseIterable {
    case seconds, minutes, hours, days, weeks, months, years
}

extension TimeUnit {
    var core: TinyCounterBindings.TimeUnit {
        switch self {
        case .seconds: .seconds
        case .minutes: .minutes
        case .hours: .hours
        case .days: .days
        case .weeks: .weeks
        case .months: .months
        case .years: .years
        }
    }

    init?(_ core: TinyCounterBindings.TimeUnit) {
        switch core {
        case .seconds: self = .seconds
        case .minutes: self = .minutes
        case .hours: self = .hours
        case .days: self = .days
        case .weeks: self = .weeks
        case .months: self = .months
        case .years: self = .years
        case .ever: return nil
        }
    }
}
