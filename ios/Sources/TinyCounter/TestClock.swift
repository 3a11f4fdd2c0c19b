import Foundation
internal import TinyCounterBindings

/// A clock for an app's tests: it stands still until it is moved.
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

    /// A clock that shows `now`.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` outside of the years 1 to 9999.
    public init(_ now: Date) throws(EventError) {
        core = try crossing { try .init(unixMillis: Int64(now)) }
    }

    /// What the clock shows, to the millisecond.
    public var now: Date { Date(unixMillis: core.now()) }

    /// Sets the clock, forwards or back.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` outside of the years 1 to 9999.
    public func set(_ now: Date) throws(EventError) {
        try crossing { try core.set(unixMillis: Int64(now)) }
    }

    /// Moves the clock, back if the span is negative.
    ///
    /// - Throws: ``EventError/invalidArgument(reason:event:)`` beyond 10,000 years.
    public func advance(by span: TimeSpan) throws(EventError) {
        try crossing { try core.advance(millis: span.millis) }
    }
}
