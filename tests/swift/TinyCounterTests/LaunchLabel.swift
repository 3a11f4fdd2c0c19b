import TinyCounter

/// Shows the launches of this week until its task is cancelled.
func followLaunches(in store: EventStore, show: (String) -> Void) async throws {
    for try await launches in store.values(of: store.query("launch").lastDays(7).sum) {
        show("\(launches ?? 0) launches this week")
    }
}
