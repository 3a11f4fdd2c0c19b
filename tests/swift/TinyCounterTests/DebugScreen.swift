import TinyCounter

/// What the store knows, for a debug screen: each event, and why a limit refuses.
func debugText(of store: EventStore, limits: [Limiter]) throws -> String {
    var lines: [String] = []
    for event in store.events {
        let query = store.query(event)
        let (week, ever) = try store.answers(to: query.lastDays(7).sum, query.lifetime)
        lines.append("\(event): \(week ?? 0) in 7 days, \(ever ?? 0) ever")
    }
    for limit in limits { lines.append(try limit.explain().description) }
    return lines.joined(separator: "\n")
}
