import TinyCounter

extension EventID where Self == EventName {
    static var opened: EventName { "article_opened" }
    static var finished: EventName { "article_finished" }
    static var readingTip: EventName { "reading_tip" }
}

struct ReadingScreen: Sendable {
    private let store: EventStore
    private let tip: Limiter

    init(store: EventStore) throws {
        self.store = store
        tip = try store.limit(.readingTip)
            .atMost(1, within: .thisWeek)
            .cooldown(after: .finished, for: .days(1))
    }

    func opened() { store.record(.opened) }

    func finished() { store.record(.finished) }

    func mayShowTip() throws -> Bool { try tip.checkAndRecord().isAllowed }

    /// A bar for each of the last seven days, those without articles too.
    func chart() throws -> [String] {
        try store.query(.opened).lastDays(7).bucketsByDate().map { "\($0.date.month)/\($0.date.day): \($0.count)" }
    }
}
