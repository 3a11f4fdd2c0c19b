import Foundation
internal import TinyCounterBindings

/// The differences between local time and UTC, from five years before an instant to two years after
/// it.
struct ZoneOffsets {
    /// A change of the difference.
    struct Change: Hashable {
        let at: Date
        let offset: Int
    }

    /// Local time minus UTC before the first change, in seconds.
    let initial: Int
    let changes: [Change]
    /// The instant around which the table was made.
    private let middle: Date
    /// The dates that the table covers.
    let reach: Range<Date>

    /// Whether the zone has other differences now than those of this table.
    func hasOthers(than zone: TimeZone) -> Bool {
        let now = ZoneOffsets(zone, around: middle)
        return now.initial != initial || now.changes != changes
    }

    /// The dates that a table covers. They begin and end with a whole second, as changes do.
    static func reach(around now: Date) -> Range<Date> {
        let year: TimeInterval = 365.25 * 86_400
        let now = now.timeIntervalSince1970.rounded()
        return Date(timeIntervalSince1970: now - 5 * year)..<Date(timeIntervalSince1970: now + 2 * year)
    }

    init(_ zone: TimeZone, around now: Date) {
        middle = now
        reach = ZoneOffsets.reach(around: now)
        // Both ends are entries too, so that the store knows how far the table reaches.
        var changes = [reach.lowerBound]
        var last = reach.lowerBound
        while let next = zone.nextDaylightSavingTimeTransition(after: last), next > last, next < reach.upperBound {
            changes.append(next)
            last = next
        }
        changes.append(reach.upperBound)
        initial = zone.secondsFromGMT(for: reach.lowerBound)
        self.changes = changes.map { Change(at: $0, offset: zone.secondsFromGMT(for: $0)) }
    }

    var core: ZoneTable {
        ZoneTable(
            initialOffsetSeconds: Int32(clamping: initial),
            transitions: changes.map {
                ZoneTransition(atMillis: Int64($0.at), offsetSeconds: Int32(clamping: $0.offset))
            }
        )
    }
}
