import Foundation
internal import TinyCounterBindings

/// The differences between local time and UTC, from five years before an instant to two years after
/// it.
struct ZoneOffsets {
    /// A change of the difference.
    struct Change {
        let at: Date
        let offset: Int
    }

    /// Local time minus UTC before the first change, in seconds.
    let initial: Int
    let changes: [Change]

    init(_ zone: TimeZone, around now: Date) {
        let year: TimeInterval = 365.25 * 86_400
        let (begin, end) = (now - 5 * year, now + 2 * year)
        var changes: [Date] = []
        var last = begin
        while let next = zone.nextDaylightSavingTimeTransition(after: last), next > last, next < end {
            changes.append(next)
            last = next
        }
        // The end is an entry too, so that the store knows how far the table reaches.
        changes.append(end)
        initial = zone.secondsFromGMT(for: begin)
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
