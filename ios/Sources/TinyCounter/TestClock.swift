import Foundation
internal import TinyCounterBindings

/// A clock for tests. It stands still until it is set or advanced.
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

    /// Moves the clock by `span`, back if it is negative.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` for more than 10,000 years in either
    ///   direction.
    public func advance(by span: TimeSpan) throws(EventError) {
        try crossing { try core.advance(millis: span.millis) }
    }
}
