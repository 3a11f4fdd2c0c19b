import Foundation
internal import TinyCounterBindings

/// A clock for tests. It stands still until it is set or advanced.
///
/// ``advance(by:)`` stands for time that passes, ``set(_:)`` for a correction of the clock. After
/// the clock went back by more than 15 minutes, a store treats the two differently: it moves what
/// it counted since then by a correction, and not by time that passed.
///
/// ```swift
/// let clock = try TestClock(Date(timeIntervalSince1970: 1_750_000_000))
/// let store = try EventStore.inMemory(clock: clock)
/// store.record("launch")
/// try clock.advance(by: .days(1))
/// XCTAssertEqual(try store.query("launch").lastSeen(), 86_400)
/// ```
public final class TestClock: Sendable {
    let core: TinyCounterBindings.TestClock

    /// Creates a clock that shows `now`.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` outside the years 1 to 9999.
    public init(_ now: Date) throws(EventError) {
        core = try crossing { try .init(unixMillis: Int64(now)) }
    }

    /// The time that the clock shows, to the millisecond.
    public var now: Date { Date(unixMillis: core.now()) }

    /// Sets the clock to `now`. It may go back.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` outside the years 1 to 9999.
    public func set(_ now: Date) throws(EventError) {
        try crossing { try core.set(unixMillis: Int64(now)) }
    }

    /// Moves the clock by `span`. A negative span moves it back, which is a correction. A store
    /// reads a time outside the years 1 to 9999 as the nearest one inside them.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for more than 10,000 years in either
    ///   direction.
    public func advance(by span: TimeSpan) throws(EventError) {
        try crossing { try core.advance(millis: span.millis) }
    }
}
