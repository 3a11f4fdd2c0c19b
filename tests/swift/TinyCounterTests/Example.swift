import Foundation
import TinyCounter

final class Usage: Sendable {
    private let store: EventStore
    private let watch: PersistenceWatch
    private let prompt: Limiter
    private let activeDays: PreparedQuestion<Int?>

    init(directory: URL = EventStore.defaultDirectory) throws {
        store = try EventStore(directory: directory)
        watch = store.persistInBackground()
        prompt = try store.limit("review_prompt")
            .atMost(1, within: .days(120))
            .cooldown(after: "crash", for: .days(2))
            .anyOf(.atLeast(3, of: "launch"), .within(.hours(24), of: "purchase"))
        activeDays = try store.query("launch").lastDays(28).countNonzero.prepared()  // asked often
    }

    func launched() {
        store.record("launch")
    }

    func launchesThisWeek() throws -> Int {
        try store.query("launch").lastDays(7).sum() ?? 0
    }

    func isLoyal() throws -> Bool {
        try activeDays() ?? 0 >= 15
    }

    func mayAskForReview() throws -> Bool {
        let decision = try prompt.checkAndRecord()
        if let date = decision.retryAt { print("not before", date) }
        for refusal in decision.refusals { print("not now:", refusal) }
        return decision.isAllowed
    }

    func report() throws -> String {
        try prompt.explain().description  // a table of the rules and their numbers, for a debug screen
    }
}
