#if canImport(SwiftUI)
import SwiftUI

/// The count of an event in a view. The view is drawn anew when the count changes, and when another
/// day begins.
///
/// ```swift
/// struct Launches: View {
///     @EventCount("launch", .last(7, .days), in: .shared) private var launches
///
///     var body: some View { Text("\(launches) launches this week") }
/// }
/// ```
///
/// The count is 0 if the event is not known, while the store is closed, and for a range that is
/// not tracked. It can be up to a minute behind at midnight.
@available(iOS 14, macOS 11, tvOS 14, watchOS 7, *)
@MainActor
@propertyWrapper
public struct EventCount: DynamicProperty {
    @StateObject private var live: LiveCount

    /// Counts the event in a range of a store. Without a range, today so far.
    public init(_ event: some EventID, _ range: QueryRange = .last(1, .days), in store: EventStore) {
        let question = store.query(event).over(range).sum
        _live = StateObject(wrappedValue: LiveCount(question))
    }

    /// The count.
    public var wrappedValue: Int { live.count }
}

/// Follows the answer to a question as long as a view has it.
@available(iOS 14, macOS 11, tvOS 14, watchOS 7, *)
@MainActor
private final class LiveCount: ObservableObject {
    @Published private(set) var count: Int
    private var following: Task<Void, Never>?

    init(_ question: Question<Int?>) {
        let read: @Sendable (EventStore) -> Int = { _ in ((try? question()) ?? nil) ?? 0 }
        count = read(question.store)
        following = Task { [weak self] in
            // It does not throw, so a store that is closed is followed until it is open again.
            let values = question.store.values(read)
            do {
                for try await value in values {
                    guard let self else { return }
                    if value != count { count = value }
                }
            } catch {}
        }
    }

    deinit {
        following?.cancel()
    }
}
#endif
