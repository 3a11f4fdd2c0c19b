import TinyCounter

struct Sessions: Sendable {
    private let store: EventStore
    private let tip: Limiter
    private let prompt: Limiter

    init(store: EventStore) throws {  // opened with markers: ["review_prompt"]
        self.store = store
        tip = try store.limit("tip").atMost(1, within: .sinceSession)
        prompt = try store.limit("review_prompt")
            .atLeast(3, of: "launch", within: .since("review_prompt"))
            .noneOf(.atLeast(1, of: "crash", within: .sinceAppVersion))
    }

    func launched(version: String) throws {
        try store.appVersion(version)  // recorded if it differs from the last one
        store.session()
        store.record("launch")
    }

    func tryTip() throws -> Bool { try tip.checkAndRecord().isAllowed }

    func tryPrompt() throws -> Bool { try prompt.checkAndRecord().isAllowed }

    func launchesSincePrompt() throws -> Int {
        try store.query("launch").since("review_prompt").sum() ?? 0
    }
}
