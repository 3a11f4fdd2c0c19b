internal import TinyCounterBindings

/// Recurring times, or dates, in the store's time zone, or in UTC if `local` is false.
public enum Schedule: Sendable, Hashable {
    /// From one time of the day to another. From 22:30 to 7:00 runs over midnight. The times must
    /// differ, and `to` may be 24:00. Otherwise making a ``Limiter`` throws
    /// ``EventError/invalidArgument(reason:event:)``.
    case daily(from: TimeOfDay, to: TimeOfDay, local: Bool = true)
    /// Some days of the week. Without any making a ``Limiter`` throws
    /// ``EventError/invalidArgument(reason:event:)``.
    case daysOfWeek(Set<Weekday>, local: Bool = true)
    /// From the beginning of the date `first` to the end of the date `last`. If `last` is before
    /// `first`, making a ``Limiter`` throws
    /// ``EventError/invalidArgument(reason:event:)``.
    case dates(first: CalendarDate, last: CalendarDate, local: Bool = true)

    /// From the start of the hour `from` (0 to 23) to the start of the hour `to` (0 to 24, and not
    /// `from`): ``daily(from:to:local:)`` with whole hours. From 22 to 6 runs over midnight.
    public static func hours(from: Int, to: Int, local: Bool = true) -> Schedule {
        .daily(from: TimeOfDay(from), to: TimeOfDay(to), local: local)
    }

    /// Monday to Friday.
    public static func weekdays(local: Bool = true) -> Schedule {
        .daysOfWeek([.monday, .tuesday, .wednesday, .thursday, .friday], local: local)
    }

    /// Saturday and Sunday.
    public static func weekends(local: Bool = true) -> Schedule {
        .daysOfWeek([.saturday, .sunday], local: local)
    }
}

/// A minute of the day: `TimeOfDay(22, 30)`. The calls that use it check the numbers.
public struct TimeOfDay: Sendable, Hashable {
    /// The hour, 0 to 23. The end of a schedule may be 24:00.
    public let hour: Int
    /// The minute of the hour, 0 to 59.
    public let minute: Int

    /// Makes a time of the day from an hour and a minute.
    public init(_ hour: Int, _ minute: Int = 0) {
        self.hour = hour
        self.minute = minute
    }
}

/// A day of the week.
public enum Weekday: Sendable, Hashable, CaseIterable {
    case monday, tuesday, wednesday, thursday, friday, saturday, sunday
}

/// A date of the Gregorian calendar: `CalendarDate(2026, 12, 24)`. The calls that use it check the
/// numbers.
public struct CalendarDate: Sendable, Hashable {
    /// The year, 1 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, from 1 on.
    public let day: Int

    /// Makes a date from a year, a month and a day.
    public init(_ year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }
}

extension Schedule {
    var core: TinyCounterBindings.Schedule {
        switch self {
        case .daily(let start, let end, let local): .daily(start: start.core, end: end.core, local: local)
        case .daysOfWeek(let days, let local): .daysOfWeek(days: days.map(\.core), local: local)
        case .dates(let first, let last, let local): .dates(first: first.core, last: last.core, local: local)
        }
    }
}

extension Schedule {
    init(_ core: TinyCounterBindings.Schedule) {
        switch core {
        case .hours(let start, let end, let local): self = .hours(from: Int(start), to: Int(end), local: local)
        case .weekdays(let local): self = .weekdays(local: local)
        case .weekends(let local): self = .weekends(local: local)
        case .daily(let start, let end, let local): self = .daily(from: TimeOfDay(start), to: TimeOfDay(end), local: local)
        case .daysOfWeek(let days, let local): self = .daysOfWeek(Set(days.map(Weekday.init)), local: local)
        case .dates(let first, let last, let local):
            self = .dates(first: CalendarDate(first), last: CalendarDate(last), local: local)
        }
    }
}

extension TimeOfDay {
    fileprivate init(_ core: TinyCounterBindings.TimeOfDay) {
        self.init(Int(core.hour), Int(core.minute))
    }

    fileprivate var core: TinyCounterBindings.TimeOfDay {
        .init(hour: Int32(clamping: hour), minute: Int32(clamping: minute), nanoseconds: 0)
    }
}

extension CalendarDate {
    init(_ core: TinyCounterBindings.CalendarDate) {
        self.init(Int(core.year), Int(core.month), Int(core.day))
    }

    fileprivate var core: TinyCounterBindings.CalendarDate {
        .init(year: Int32(clamping: year), month: Int32(clamping: month), day: Int32(clamping: day))
    }
}

extension Weekday {
    fileprivate init(_ core: TinyCounterBindings.Weekday) {
        self =
            switch core {
            case .monday: .monday
            case .tuesday: .tuesday
            case .wednesday: .wednesday
            case .thursday: .thursday
            case .friday: .friday
            case .saturday: .saturday
            case .sunday: .sunday
            }
    }

    fileprivate var core: TinyCounterBindings.Weekday {
        switch self {
        case .monday: .monday
        case .tuesday: .tuesday
        case .wednesday: .wednesday
        case .thursday: .thursday
        case .friday: .friday
        case .saturday: .saturday
        case .sunday: .sunday
        }
    }
}
