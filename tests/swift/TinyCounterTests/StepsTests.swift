import Foundation
import TinyCounter
import XCTest

/// The steps of a file that Rust and Kotlin run too: all languages give the same answers.
final class StepsTests: StoreTestCase {
    private var stores: [String: EventStore] = [:]
    private var limits = LimitSet()
    private var keys: [String: Int64] = [:]

    func testEveryStepGivesTheAnswerOfTheFile() throws {
        stores = ["phone": try inMemory(markers: ["update"]), "tablet": try inMemory(markers: ["update"])]
        limits = try LimitSet(json: rules("app.json"))
        let file = String(decoding: try fixture("steps.txt"), as: UTF8.self)
        let lines = file.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        for line in lines {
            let parts = line.components(separatedBy: " = ")
            let answer = try take(parts[0].components(separatedBy: " "))
            XCTAssertEqual(answer, parts.count > 1 ? parts[1] : "", parts[0])
        }
        XCTAssertGreaterThanOrEqual(lines.count, 200)
    }

    /// The answer to a step; empty if it has none.
    private func take(_ words: [String]) throws -> String {
        if words[0] == "wait" {
            try clock.advance(by: .seconds(Double(words[1])!))
            return ""
        }
        let store = stores[words[0]]!
        let arguments = Array(words.dropFirst(2))
        return try record(store, words[1], arguments) ?? ask(store, words[1], arguments)
    }

    private func limit(_ store: EventStore, _ name: String) throws -> Limiter {
        try store.limit(name, limits[name]!)
    }

    /// Steps that change a store.
    private func record(_ store: EventStore, _ verb: String, _ arguments: [String]) throws -> String? {
        switch verb {
        case "record": try store.record(arguments[0], count: Int(arguments[1])!)
        case "record_ago":
            try store.record(arguments[0], count: Int(arguments[2])!, ago: .seconds(Double(arguments[1])!))
        case "record_at":
            try store.record(
                arguments[0], count: Int(arguments[2])!, at: Date(timeIntervalSince1970: Double(arguments[1])!))
        case "session": store.session()
        case "app_version": return String(try store.appVersion(arguments[0]))
        case "balance": try store.balance(arguments[0], with: arguments[1])
        case "erase": return String(try store.erase(arguments[0]))
        case "erase_all": return String(try store.eraseAll())
        case "decide":
            let decision = try limit(store, arguments[0]).checkAndRecord()
            return decision.isAllowed ? "recorded" : "refused \(millis(decision.retryAfter))"
        case "hold":
            let held = try limit(store, arguments[0]).reserve(for: .seconds(Double(arguments[1])!))
            guard case .reserved(let reservation) = held else { return "refused \(millis(held.retryAfter))" }
            keys[arguments[2]] = reservation.key
            return "recorded"
        case "commit", "cancel":
            guard let key = keys.removeValue(forKey: arguments[0]) else { return "none" }
            return try end(store, verb, key)
        case "merge": return try merged(store, [stores[arguments[0]]!.export()])
        case "hear": return try merged(store, [stores[arguments[0]]!.export(since: store.knowledge())])
        case "hear_parts":
            return try merged(store, stores[arguments[0]]!.exportParts(maxBytes: 400, since: store.knowledge()))
        default: return nil
        }
        return ""
    }

    private func end(_ store: EventStore, _ verb: String, _ key: Int64) throws -> String {
        do {
            if verb == "commit" {
                try store.commitReservation(key)
            } else {
                try store.cancelReservation(key)
            }
            return "done"
        } catch {
            guard let known = error as? EventError, case .reservationExpired = known else { throw error }
            return "expired"
        }
    }

    private func merged(_ store: EventStore, _ parts: [Data]) throws -> String {
        String(try parts.map { try store.merge($0).eventsChanged }.reduce(0, +))
    }

    /// Questions.
    private func ask(_ store: EventStore, _ verb: String, _ arguments: [String]) throws -> String {
        switch verb {
        case "events": return store.events.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.joined(separator: ",")
        case "allowed": return String(try limit(store, arguments[0]).isAllowed())
        case "usage": return try limit(store, arguments[0]).usage().map { "\($0.count)/\($0.limit)" } ?? "none"
        case "explain":
            let explained = try limit(store, arguments[0]).explain()
            let rules = explained.rules.map { $0.passes ? "+" : "-" }.joined()
            return "\(rules) \(millis(explained.passes ? nil : explained.retryAfter))"
        case "history":
            let history = try store.dailyHistory(of: arguments[0])
            return history.map { "\(Int($0.date.timeIntervalSince1970)):\($0.count)" }.joined(separator: ",")
        case "since": return try bounds(store.query(arguments[0]).since(arguments[1]))
        case "since_session": return try bounds(store.query(arguments[0]).since(EventStore.sessionMarker))
        case "since_version": return try bounds(store.query(arguments[0]).since(EventStore.appVersionMarker))
        case "lifetime": return text(try store.query(arguments[0]).lifetime())
        case "last_seen": return millis(try store.query(arguments[0]).lastSeen(), absent: "none")
        case "first_seen": return millis(try store.query(arguments[0]).firstSeen(), absent: "none")
        case "rolling":
            return text(try store.query(arguments[0]).over(.rolling(.seconds(Double(arguments[1])!))).sum())
        case "ratio":
            return text(try store.ratio(of: arguments[0], to: arguments[1]).over(range(arguments.dropFirst(2))).value())
        case "delta":
            return text(try store.delta(of: arguments[0], minus: arguments[1]).over(range(arguments.dropFirst(2))).sum())
        default: break
        }
        let query = store.query(arguments[0]).over(range(arguments.dropFirst()))
        switch verb {
        case "sum": return text(try query.sum())
        case "average": return text(try query.average())
        case "average_nonzero": return text(try query.averageNonzero())
        case "count_nonzero": return text(try query.countNonzero())
        case "newest": return text(try query.newest())
        case "oldest": return text(try query.oldest())
        case "buckets":
            // A list without an answer is empty.
            let buckets = try query.buckets()
            return buckets.isEmpty ? "none" : buckets.map(String.init).joined(separator: ",")
        case "dates":
            let dates = try query.bucketsByDate().map { "\(dayText($0.date)) \($0.count)" }
            return dates.isEmpty ? "none" : dates.joined(separator: ",")
        default: throw Unknown(verb: verb)
        }
    }

    private func dayText(_ date: CalendarDate) -> String {
        String(format: "%04d-%02d-%02d", date.year, date.month, date.day)
    }

    private struct Unknown: Error { let verb: String }

    private func range(_ arguments: ArraySlice<String>) -> QueryRange {
        let units: [String: TimeUnit] = [
            "minutes": .minutes, "hours": .hours, "days": .days, "weeks": .weeks, "months": .months, "years": .years,
        ]
        return .last(Int(arguments.last!)!, units[arguments.first!]!)
    }

    private func bounds(_ query: SinceQuery) throws -> String {
        try query.bounds().map { "\($0.lowerBound)..\($0.upperBound)" } ?? "none"
    }

    private func millis(_ seconds: TimeInterval?, absent: String = "never") -> String {
        seconds.map { String(Int(($0 * 1_000).rounded())) } ?? absent
    }

    private func text(_ number: Int?) -> String { number.map(String.init) ?? "none" }

    private func text(_ number: Double?) -> String { number.map { String(format: "%.4f", $0) } ?? "none" }
}
