import Foundation
internal import TinyCounterBindings

extension EventStore {
    /// Starts a limit on an event: rules that must all pass.
    public func limit(_ event: some EventID) -> Limiter {
        Limiter(store: self, event: event.eventName)
    }

    /// Returns a limit on an event, for a limit that was made elsewhere: for several events, or
    /// from JSON.
    ///
    /// ```swift
    /// let rules = try LimitSet(json: text)
    /// guard let limit = rules["review_prompt"] else { return }
    /// let prompt = try store.limit("review_prompt", limit)
    /// ```
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for a limit that could never be
    ///   asked: for a number out of bounds, for a window that the tracked units do not reach back
    ///   over or that begins with an event that is not a marker of the store, for more than 64
    ///   rules, for groups without rules or more than 4 deep, for what ``Limit/alsoRecord`` does
    ///   not take, and for an event or an event to also record with a name of more than 1,024 bytes
    ///   of UTF-8. Whether the store is open does not matter.
    public func limit(_ event: some EventID, _ limit: Limit) throws(EventError) -> Limiter {
        try Limiter(checked: limit, on: event.eventName, in: self)
    }
}

/// A ``Limit`` on an event in a store.
///
/// It does nothing until one of its functions is called: ``check()``, ``isAllowed()``,
/// `checkAndRecord()`, ``reserve()``, `reserve(for:)`, ``usage()``, ``explain()`` or
/// ``rehearse(history:asked:)``. It can be kept and asked any number of times. Keep one that is
/// asked often.
///
/// A limit that could never be asked is an error where it is made: the functions that add a rule
/// throw ``EventError/invalidArgument(reason:event:)`` in the cases that
/// ``EventStore/limit(_:_:)`` lists. One `try` in front is enough.
///
/// ```swift
/// let review = try store.limit("review_prompt")
///     .atMost(1, within: .days(120))
///     .cooldown(after: "crash", for: .days(2))
///     .anyOf(.atLeast(3, of: "launch"), .within(.hours(24), of: "purchase"))
/// if try review.checkAndRecord().isAllowed { showReviewPrompt() }
/// ```
public struct Limiter: Sendable {
    let store: EventStore
    /// The event that is limited.
    public let event: String
    /// The rules, and what is recorded with the event.
    public let limit: Limit
    // Copies of this value share it.
    private let kept = Locked<AskedLimit?>(nil)

    init(store: EventStore, event: String) {
        self.store = store
        self.event = event
        limit = Limit()
    }

    /// A limit that could never be asked is an error.
    init(checked limit: Limit, on event: String, in store: EventStore) throws(EventError) {
        self.store = store
        self.event = event
        self.limit = limit
        let asked = try store.asked(limit, on: event)
        kept.with { $0 = asked }
    }

    // MARK: Rules
    //
    // Each of these functions checks the limit with the new rule, so a mistake is an error where it is
    // written.

    /// Adds a rule.
    public func adding(_ rule: Rule) throws(EventError) -> Limiter {
        var limit = limit
        limit.rules.append(rule)
        return try Limiter(checked: limit, on: event, in: store)
    }

    /// The event happened fewer than `limit` times in the window. Pending reservations count.
    public func atMost(_ limit: Int, within window: TimeWindow) throws(EventError) -> Limiter {
        try atMost(limit, of: event, within: window)
    }

    /// Another event happened fewer than `limit` times in the window. Pending reservations count.
    public func atMost(_ limit: Int, of event: some EventID, within window: TimeWindow) throws(EventError) -> Limiter {
        try adding(.atMost(event: event.eventName, limit: limit, window: window))
    }

    /// Another event happened at least `count` times in the window.
    public func atLeast(_ count: Int, of event: some EventID, within window: TimeWindow = .ever) throws(EventError) -> Limiter {
        try adding(.atLeast(event: event.eventName, count: count, window: window))
    }

    /// The event did not happen within the last `span`. Pending reservations count.
    public func cooldown(_ span: TimeSpan) throws(EventError) -> Limiter {
        try cooldown(after: event, for: span)
    }

    /// Another event did not happen within the last `span`. Pending reservations count.
    public func cooldown(after event: some EventID, for span: TimeSpan) throws(EventError) -> Limiter {
        try adding(.cooldown(event: event.eventName, span: span))
    }

    /// Another event happened within the last `span`.
    public func within(_ span: TimeSpan, of event: some EventID) throws(EventError) -> Limiter {
        try adding(.within(event: event.eventName, span: span))
    }

    /// Now is a time of the schedule.
    public func during(_ schedule: Schedule) throws(EventError) -> Limiter {
        try adding(.during(schedule))
    }

    /// Now is not a time of the schedule.
    public func outside(_ schedule: Schedule) throws(EventError) -> Limiter {
        try adding(.outside(schedule))
    }

    /// All of the rules pass. It is useful inside another group; a limit by itself already needs
    /// all of its rules.
    public func allOf(_ rules: Rule...) throws(EventError) -> Limiter { try adding(.allOf(rules)) }

    /// At least one of the rules passes. Each rule is one of the alternatives, and
    /// `.allOf(...)` makes one of several. Groups nest at most 4 deep.
    public func anyOf(_ rules: Rule...) throws(EventError) -> Limiter { try adding(.anyOf(rules)) }

    /// None of the rules passes.
    ///
    /// Inside, what is not certain counts for passing, so that the group does not pass by mistake:
    /// `atLeast` and `within` count what may have happened, and pass after a loss; `atMost` and
    /// `cooldown` count only what certainly happened.
    public func noneOf(_ rules: Rule...) throws(EventError) -> Limiter { try adding(.noneOf(rules)) }

    /// Records a further event once whenever the event is recorded, in the same step: by
    /// `checkAndRecord()`, and when a reservation is committed. A reservation reserves both. So a
    /// cap for one kind of message and a cap for all messages cannot race.
    ///
    /// At most 8 events, none of them twice, and none of them the limit's event.
    public func alsoRecord(_ event: some EventID) throws(EventError) -> Limiter {
        var limit = limit
        limit.alsoRecord.append(event.eventName)
        return try Limiter(checked: limit, on: self.event, in: store)
    }

    // MARK: Decisions

    /// Decides whether the event may happen now. Nothing is recorded. A refusal is an answer and
    /// not an error.
    ///
    /// - Throws: ``EventError/unavailable(reason:event:)`` or ``EventError/corrupt(reason:event:)``
    ///   if an event cannot be read; ``EventError/closed(reason:)``. A limit without rules throws
    ///   ``EventError/invalidArgument(reason:event:)`` for an event with a name of more than 1,024
    ///   bytes of UTF-8.
    public func check() throws(EventError) -> Decision {
        // A refusal says why, so the limit is then asked for all of it.
        try asked().isAllowed() ? .allowed : Decision(try decide(.check), of: limit.rules)
    }

    /// Whether the event may happen now. False if a rule refuses, and if an event cannot be read or
    /// the store is closed; call ``check()`` to see the error. Nothing is recorded. It is faster
    /// than ``check()``, because it does not compute why the limit refuses.
    public func isAllowed() -> Bool {
        (try? asked().isAllowed()) ?? false
    }

    /// Records the event if it may happen now. Checking and recording are one step, so concurrent
    /// calls never exceed the limit. The event is written before this returns.
    ///
    /// - Throws: the same errors as ``check()``; nothing is recorded then. Also
    ///   ``EventError/notWritten(reason:event:)`` if the limit allowed the event and it cannot be
    ///   written; it is counted then.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func checkAndRecord() throws(EventError) -> Decision {
        let asked = try asked()
        switch asked.checkAndRecord() {
        case .done: break
        case .notWritten: try crossing { try asked.core.write() }
        case .notDone: return Decision(try decide(.record), of: limit.rules)
        }
        return .allowed
    }

    /// Does the same as the blocking version without blocking the caller's thread. It runs to its
    /// end even if the task is cancelled.
    ///
    /// - Throws: the same errors as the blocking version.
    public func checkAndRecord() async throws(EventError) -> Decision {
        try await offThread { () throws(EventError) in try self.checkAndRecord() }
    }

    /// Reserves one event if it may happen now. The reservation counts for `atMost` and `cooldown`
    /// until it is committed or cancelled, and ends with the process.
    ///
    /// - Throws: the same errors as ``check()``; nothing is reserved then.
    public func reserve() throws(EventError) -> ReserveDecision {
        switch try decide(.reserve) {
        case .allowed(let reservation?): .reserved(Reservation(reservation))
        case .allowed(nil): throw .unexpected(reason: "the limit allowed a reservation and returned none")
        case .refused(let refusal): .refused(Refused(refusal, of: limit.rules))
        }
    }

    /// Reserves one event for `span` if it may happen now, so that the reservation survives a kill
    /// of the process. It is written before this returns. In a store in memory it ends with the
    /// store. It counts for `atMost` and `cooldown` until `commitReservation(_:)` or
    /// `cancelReservation(_:)` ends it, or until it expires.
    ///
    /// - Throws: the same errors as ``check()``; ``EventError/invalidArgument(reason:event:)`` for
    ///   a span that is zero, negative or longer than 10,000 years;
    ///   ``EventError/storage(reason:event:)`` if there would be more than 256 stored reservations,
    ///   of which each event that is also recorded takes one;
    ///   ``EventError/storage(reason:event:)`` or ``EventError/unavailable(reason:event:)`` if the
    ///   reservation cannot be written. Nothing is reserved then.
    @available(*, noasync, message: "write await: the async version blocks no thread")
    public func reserve(for span: TimeSpan) throws(EventError) -> StoredReservationDecision {
        let core = try core()
        return switch try crossing({ try core.reserveFor(millis: span.spanMillis) }) {
        case .reserved(let key): .reserved(StoredReservation(key: key, event: event, expiresIn: TimeInterval(millis: span.spanMillis)))
        case .refused(let refusal): .refused(Refused(refusal, of: limit.rules))
        }
    }

    /// Does the same as the blocking version without blocking the caller's thread.
    ///
    /// - Throws: the same errors as the blocking version.
    public func reserve(for span: TimeSpan) async throws(EventError) -> StoredReservationDecision {
        try await offThread { () throws(EventError) in try self.reserve(for: span) }
    }

    /// How much is used of the `atMost` rule on the event that allows the fewest more; nil if the
    /// event was neither recorded nor reserved. Rules in groups are not looked at.
    ///
    /// - Throws: the same errors as ``check()``; ``EventError/invalidArgument(reason:event:)`` if
    ///   there is no such rule, whether or not the event was recorded.
    public func usage() throws(EventError) -> LimitUsage? {
        let core = try core()
        return try crossing { try core.usage() }.map(LimitUsage.init)
    }

    private func decide(_ mode: LimitMode) throws(EventError) -> TinyCounterBindings.Decision {
        let core = try core()
        return try crossing { try core.decide(mode: mode) }
    }

    /// The core of this limit, made at the first call. If the clock has left the time zone table,
    /// the store gets a new one first.
    func core() throws(EventError) -> PreparedLimit {
        try asked().core
    }

    private func asked() throws(EventError) -> AskedLimit {
        if let asked = kept.with(\.self) {
            store.renewTimeZoneIfLeft()
            return asked
        }
        let asked = try store.asked(limit, on: event)
        kept.with { $0 = asked }
        return asked
    }
}
