import Foundation
internal import TinyCounterBindings

extension EventStore {
    /// Begins a limit on an event: rules that must all pass.
    public func limit(_ event: some EventID) -> Limit {
        Limit(store: self, event: event.eventName, rules: [])
    }

    /// A limit on an event with rules that are given as data.
    public func limit(_ event: some EventID, rules: [Rule]) -> Limit {
        Limit(store: self, event: event.eventName, rules: rules)
    }
}

/// Whether an event may happen: rules that must all pass, judged at one instant.
///
/// It is a value: nothing is asked before ``check()``, `checkAndRecord()`, ``reserve()`` or ``usage()`` is called.
///
/// ```swift
/// let review = store.limit("review_prompt")
///     .atMost(1, within: .days(120))
///     .atLeast(3, of: "launch")
///     .cooldown(after: "crash", for: .days(2))
/// if try review.checkAndRecord().isAllowed { showReviewPrompt() }
/// ```
public struct Limit: Sendable {
    let store: EventStore
    /// The event that is limited.
    public let event: String
    /// The rules, in the order in which they were added.
    public let rules: [Rule]

    // MARK: Rules

    /// The limit with one more rule.
    public func adding(_ rule: Rule) -> Limit {
        Limit(store: store, event: event, rules: rules + [rule])
    }

    /// The event happened fewer than `limit` times in the window.
    public func atMost(_ limit: Int, within window: Window) -> Limit {
        atMost(limit, of: event, within: window)
    }

    /// Another event happened fewer than `limit` times in the window.
    public func atMost(_ limit: Int, of event: some EventID, within window: Window) -> Limit {
        adding(.atMost(event: event.eventName, limit: limit, window: window))
    }

    /// Another event happened at least `count` times in the window.
    public func atLeast(_ count: Int, of event: some EventID, within window: Window = .ever) -> Limit {
        adding(.atLeast(event: event.eventName, count: count, window: window))
    }

    /// The event did not happen in the last so much of time.
    public func cooldown(_ span: TimeSpan) -> Limit {
        cooldown(after: event, for: span)
    }

    /// Another event did not happen in the last so much of time.
    public func cooldown(after event: some EventID, for span: TimeSpan) -> Limit {
        adding(.cooldown(event: event.eventName, span: span))
    }

    /// Another event happened in the last so much of time.
    public func within(_ span: TimeSpan, of event: some EventID) -> Limit {
        adding(.within(event: event.eventName, span: span))
    }

    /// The schedule holds.
    public func during(_ schedule: Schedule) -> Limit {
        adding(.during(schedule))
    }

    /// The schedule does not hold.
    public func outside(_ schedule: Schedule) -> Limit {
        adding(.outside(schedule))
    }

    // MARK: Asking

    /// Whether the event may happen now. Nothing is recorded.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a number out of its bounds and for a window that the tracked units cannot span;
    ///   ``EventError/unavailable(reason:event:)`` or ``EventError/corrupt(reason:event:)`` if an event cannot be read;
    ///   ``EventError/closed(reason:)``. A refusal is an answer.
    public func check() throws(EventError) -> Decision {
        Decision(try decide(.check), of: rules)
    }

    /// Whether the event may happen now. Where that cannot be known the answer is no. Nothing is recorded.
    public func isAllowed() -> Bool {
        (try? check().isAllowed) ?? false
    }

    /// Whether the event may happen now; if so it is recorded in the same step, and written before the answer comes.
    ///
    /// - Throws: as ``check()``; and if the event could not be written: it is counted then all the same.
    public func checkAndRecord() throws(EventError) -> Decision {
        Decision(try decide(.record), of: rules)
    }

    /// Whether the event may happen now; if so it is recorded in the same step, and written before the answer comes. No thread of
    /// the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func checkAndRecord() async throws(EventError) -> Decision {
        try await offThread { () throws(EventError) in try self.checkAndRecord() }
    }

    /// Whether the event may happen now; if so a place for it is held in the same step.
    ///
    /// - Throws: as ``check()``.
    public func reserve() throws(EventError) -> ReserveDecision {
        switch try decide(.reserve) {
        case .allowed(let reservation?): .reserved(Reservation(reservation))
        case .allowed(nil): throw .unexpected(reason: "a reservation was allowed and not given")
        case .refused(let refusals): .refused(refusals.map { Refusal($0, of: rules) })
        }
    }

    /// Whether the event may happen now; if so a place for it is held in the same step, for a span that may be longer than the process lives: "the dialog was
    /// drawn, then the app died". It is written before the answer comes.
    ///
    /// - Throws: as ``check()``; ``EventError/invalidArgument(reason:event:)`` for a span that is not above zero; ``EventError/storage(reason:event:)`` in a
    ///   store in memory, if 256 reservations are held already, or if it could not be written. Nothing is held then.
    public func reserve(for span: TimeSpan) throws(EventError) -> HeldDecision {
        switch try crossing({ try store.core.reserveFor(event: event, rules: rules.map(\.core), millis: span.millis) }) {
        case .allowed(let key): .held(HeldReservation(key: key, event: event, expiresIn: TimeInterval(millis: span.millis)))
        case .refused(let refusals): .refused(refusals.map { Refusal($0, of: rules) })
        }
    }

    /// As the one that blocks. No thread of the caller's waits for the disk.
    ///
    /// - Throws: as the one that blocks.
    public func reserve(for span: TimeSpan) async throws(EventError) -> HeldDecision {
        try await offThread { () throws(EventError) in try self.reserve(for: span) }
    }

    /// How much is used up of the `atMost` on the event that has the least remaining; nil if the event was never recorded.
    ///
    /// - Throws: as ``check()``; and ``EventError/invalidArgument(reason:event:)`` if there is no such rule.
    public func usage() throws(EventError) -> LimitUsage? {
        try crossing { try store.core.limitUsage(event: event, rules: rules.map(\.core)) }.map(LimitUsage.init)
    }

    private func decide(_ mode: LimitMode) throws(EventError) -> TinyCounterBindings.Decision {
        try crossing { try store.core.limit(event: event, rules: rules.map(\.core), mode: mode) }
    }
}
