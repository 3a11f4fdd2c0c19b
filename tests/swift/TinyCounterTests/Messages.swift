import TinyCounter

struct Messages: Sendable {
    private let sale: Limiter

    init(store: EventStore) throws {
        sale = try store.limit("sale_message")
            .atMost(1, within: .days(7))
            .atMost(2, of: "any_message", within: .today)
            .alsoRecord("any_message")  // in one step: two messages cannot both take the last place
            .outside(.daily(from: TimeOfDay(22, 30), to: TimeOfDay(7)))
            .anyOf(
                .within(.hours(24), of: "visit"),
                .allOf(.atLeast(20, of: "launch"), .cooldown(after: "purchase", for: .days(30))))
            .noneOf(
                .within(.days(2), of: "crash"),
                .within(.days(30), of: "complaint"))
    }

    func trySale() throws -> String {
        switch try sale.checkAndRecord() {
        case .allowed: "shown"
        case .refused(let refused):
            // When all rules pass together; nil: waiting does not help.
            refused.retryAt.map { "again at \($0.timeIntervalSince1970)" } ?? "not by waiting"
        }
    }
}
