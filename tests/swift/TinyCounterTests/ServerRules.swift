import TinyCounter

struct ServerRules {
    private let store: EventStore
    private var rules: LimitSet

    init(store: EventStore, bundled: String) throws {
        self.store = store
        rules = try LimitSet(json: bundled)
    }

    /// Takes all of the rules that the server sent, or none of them. Returns what is wrong with them.
    mutating func update(_ text: String) -> String? {
        do {
            let received = try LimitSet(json: text)
            // A limit that this store cannot ask is an error here, for example since an unknown marker.
            for (message, limit) in received.limits { _ = try store.limit(message, limit) }
            rules = received
            return nil
        } catch {
            return error.reason  // .invalidRules also has the place
        }
    }

    func mayShow(_ message: String) throws -> Bool {
        guard let limit = rules[message] else { return false }
        return try store.limit(message, limit).checkAndRecord().isAllowed
    }
}
