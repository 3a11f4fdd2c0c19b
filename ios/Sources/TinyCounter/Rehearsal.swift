import Foundation
internal import TinyCounterBindings

extension Limiter {
    /// Tries the limit on dated events, without waiting. Returns those of the dates `asked` at
    /// which the limit would have allowed the event, in ascending order, if everything in `history`
    /// had been recorded when it happened, and the event whenever it was allowed. What happens at
    /// the same instant counts before the limit is asked. Dates are rounded to the millisecond.
    ///
    /// The counts of the store are neither read nor changed: it only gives the tracked units and
    /// the time zone, whose rules it knows from five years before its clock to two years after it.
    /// So the store of a test, in memory, shows what an app would have shown:
    ///
    /// ```swift
    /// let start = ISO8601DateFormatter().date(from: "2026-03-01T18:00:00Z")!
    /// let evenings = (0..<30).map { start + Double($0) * 86_400 }
    /// let shown = try prompt.rehearse(history: [Occurrence("launch", at: start)], asked: evenings)
    /// ```
    ///
    /// `dailyHistory(of:)` of a store gives what was recorded of an event as `history`.
    ///
    /// - Throws: the same errors as ``check()``; also ``EventError/invalidArgument(reason:event:)``
    ///   for a count outside 0 to 4,294,967,295, for a date outside the years 1 to 9999 or the time
    ///   for which the rules of the time zone are known, and for a name of more than 1,024 bytes of
    ///   UTF-8.
    public func rehearse(history: [Occurrence], asked: [Date]) throws(EventError) -> [Date] {
        let core = try core()
        return try crossing {
            try core.rehearse(history: history.map(\.core), asked: asked.map(Int64.init(_:)))
        }.map(Date.init(unixMillis:))
    }
}

extension EventStore {
    /// Returns the counts of an event on each of the tracked days, oldest first and without days on
    /// which it did not happen, for ``Limiter/rehearse(history:asked:)``. Each has the date at
    /// which its day began. Empty if days are not tracked.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a name of more than 1,024 bytes
    ///   of UTF-8; ``EventError/unavailable(reason:event:)`` or
    ///   ``EventError/corrupt(reason:event:)`` if the event cannot be read;
    ///   ``EventError/closed(reason:)``.
    public func dailyHistory(of event: some EventID) throws(EventError) -> [Occurrence] {
        try crossing { try core.dailyHistory(event: event.eventName) }.map {
            Occurrence($0.event, at: Date(unixMillis: $0.unixMillis), count: Int(clamping: $0.count))
        }
    }
}
