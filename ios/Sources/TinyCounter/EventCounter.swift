import Foundation

/// What the screens of an app need of a store: recording, questions and limits. An ``EventStore`` is
/// one. Code that takes `any EventCounter` can be given something else in tests.
///
/// A test rarely needs that: `EventStore.inMemory(clock:)` with a ``TestClock`` counts and decides
/// as in the app, in microseconds. To see what was recorded, or to make one call behave differently,
/// write a type that passes the other calls on to such a store.
public protocol EventCounter: Sendable {
    /// The current time: see ``EventStore/now``.
    var now: Date { get }

    /// Records that an event happened now: see `record(_:)` of ``EventStore``.
    func record(_ event: some EventID)

    /// Records that an event happened `count` times now: see `record(_:count:)` of ``EventStore``.
    func record(_ event: some EventID, count: Int) throws(EventError)

    /// Records that an event happened at a date: see `record(_:count:at:)` of ``EventStore``.
    func record(_ event: some EventID, count: Int, at date: Date) throws(EventError)

    /// Records that an event happened some time ago: see `record(_:count:ago:)` of ``EventStore``.
    func record(_ event: some EventID, count: Int, ago span: TimeSpan) throws(EventError)

    /// Records that a session begins: see ``EventStore/session()``.
    func session()

    /// Records the version of the app if it is another one: see ``EventStore/appVersion(_:)``.
    @discardableResult
    func appVersion(_ text: String) throws(EventError) -> Bool

    /// Starts a question about an event: see `query(_:)` of ``EventStore``.
    func query(_ event: some EventID) -> EventQuery

    /// Starts a question about some events: see `query(_:)` of ``EventStore``.
    func query(_ events: [some EventID]) -> EventQuery

    /// Starts a question about a quotient: see `ratio(of:to:)` of ``EventStore``.
    func ratio(of numerator: some EventID, to denominator: some EventID) -> RatioQuery

    /// Starts a question about a difference: see `delta(of:minus:)` of ``EventStore``.
    func delta(of positive: some EventID, minus negative: some EventID) -> DeltaQuery

    /// Returns a limit on an event: see `limit(_:)` of ``EventStore``.
    func limit(_ event: some EventID) -> Limiter

    /// Returns a limit on an event that was made elsewhere: see `limit(_:_:)` of ``EventStore``.
    func limit(_ event: some EventID, _ limit: Limit) throws(EventError) -> Limiter
}

extension EventStore: EventCounter {}

extension EventCounter {
    /// Records that an event happened once at a date.
    public func record(_ event: some EventID, at date: Date) throws(EventError) {
        try record(event, count: 1, at: date)
    }

    /// Records that an event happened once, some time ago.
    public func record(_ event: some EventID, ago span: TimeSpan) throws(EventError) {
        try record(event, count: 1, ago: span)
    }
}
