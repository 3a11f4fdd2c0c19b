import Foundation

/// A duration. It is rounded to the millisecond when it is passed to a call. A day is 24 hours, a
/// week is 7 days.
///
/// ```swift
/// let tip = try store.limit("tip").cooldown(.days(2))
/// try clock.advance(by: .minutes(5))
/// ```
///
/// Every number of seconds can be made, also one that is negative, infinite or not a number. A call
/// that cannot use it throws ``EventError/invalidArgument(reason:event:)``.
public struct TimeSpan: Sendable, Hashable {
    /// The duration in seconds.
    public let seconds: TimeInterval

    private init(_ seconds: TimeInterval) {
        self.seconds = seconds
    }

    public static func milliseconds(_ count: Double) -> TimeSpan { TimeSpan(count / 1_000) }
    public static func seconds(_ count: TimeInterval) -> TimeSpan { TimeSpan(count) }
    public static func minutes(_ count: Double) -> TimeSpan { TimeSpan(count * 60) }
    public static func hours(_ count: Double) -> TimeSpan { TimeSpan(count * 3_600) }
    public static func days(_ count: Double) -> TimeSpan { TimeSpan(count * 86_400) }
    public static func weeks(_ count: Double) -> TimeSpan { TimeSpan(count * 604_800) }

    init(millis: Int64) {
        self.init(TimeInterval(millis: millis))
    }

    var millis: Int64 { Int64(millis: seconds) }

    /// The milliseconds of a window or a wait. Less than a millisecond is a whole one, so that only
    /// a span of zero has none, and a negative one stays negative.
    var spanMillis: Int64 {
        if millis != 0 { return millis }
        return seconds > 0 ? 1 : seconds < 0 ? -1 : 0
    }
}

@available(iOS 16, macOS 13, tvOS 16, watchOS 9, *)
extension TimeSpan {
    /// Converts a `Duration`.
    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(TimeInterval(seconds) + TimeInterval(attoseconds) / 1e18)
    }
}
