import TinyCounter

extension EventStore {
    /// The store of the app. If its files cannot be used, a store in memory counts until the app ends.
    static let shared: EventStore = {
        do {
            return try EventStore(whenUnavailable: .stayClosed)
        } catch {
            print("the counts cannot be read:", error)  // to your crash reporter
            guard let store = try? inMemory() else { fatalError("a store in memory has no invalid option here") }
            return store
        }
    }()

    /// Persists the store when the app goes to the background. Use it once when the app starts.
    static let sharedWatch = shared.persistInBackground()
}
