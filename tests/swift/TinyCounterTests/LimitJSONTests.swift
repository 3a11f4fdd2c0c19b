import Foundation
import TinyCounter
import XCTest

/// Limits as values and as JSON.
final class LimitJSONTests: StoreTestCase {
    func testOneLimitIsAskedForSeveralEvents() throws {
        let store = try inMemory()
        let calm = Limit(.atMost(2, of: "any_message", within: .days(1)), alsoRecord: ["any_message"])
        let (tip, offer) = try (store.limit("tip", calm), store.limit("offer", calm))
        XCTAssertEqual([tip.limit, offer.limit], [calm, calm])
        XCTAssertEqual([tip.event, offer.event], ["tip", "offer"])
        XCTAssertTrue(try tip.checkAndRecord().isAllowed)
        XCTAssertTrue(try offer.checkAndRecord().isAllowed)
        XCTAssertFalse(tip.isAllowed())
        XCTAssertTrue(try inMemory().limit("tip", calm).isAllowed(), "another store")
        XCTAssertEqual(try ["tip", "offer", "any_message"].map { try store.query($0).lifetime() }, [1, 1, 2])
    }

    func testLimitsAreValues() throws {
        let store = try inMemory()
        let limit = Limit(.atMost(1, of: "x", within: .today), .anyOf(.within(.hours(1), of: "y")), alsoRecord: ["z"])
        let same = Limit(
            rules: [.atMost(event: "x", limit: 1, window: .calendar(1, .days)), .anyOf([.within(event: "y", span: .minutes(60))])],
            alsoRecord: ["z"])
        XCTAssertEqual(Set([limit, same]).count, 1)
        var other = limit
        other.rules.removeLast()
        XCTAssertNotEqual(limit, other)
        XCTAssertEqual(limit.rules.count, 2)
        let built = try store.limit("x").atMost(1, within: .today).anyOf(.within(.hours(1), of: "y")).alsoRecord("z")
        XCTAssertEqual(built.limit, limit)
        XCTAssertTrue(try store.limit("x", Limit()).isAllowed())
    }

    func testTheDocumentsOfAllLanguagesComeBackInTheirCanonicalForm() throws {
        for name in ["every_rule", "groups", "no_rules"] {
            let limit = try Limit(json: rules("\(name).json"))
            XCTAssertEqual(try limit.json(), try rules("\(name).canonical.json").trimmingCharacters(in: .newlines), name)
            XCTAssertEqual(try Limit(json: limit.json()), limit, name)
        }
        for name in ["app", "no_limits", "since"] {
            let set = try LimitSet(json: rules("\(name).json"))
            XCTAssertEqual(try set.json(), try rules("\(name).canonical.json").trimmingCharacters(in: .newlines), name)
            XCTAssertEqual(try LimitSet(json: set.json()), set, name)
        }
    }

    private let everyRule = Limit(
        .atMost(4_294_967_295, of: "a", within: .calendar(4_294_967_295, .minutes)),
        .atMost(0, of: "a", within: .calendar(1, .seconds)),
        .atLeast(3, of: "später 🚀"),
        .atLeast(3, of: "a", within: .seconds(86_400.001)),
        .atMost(2, of: "a", within: .since("später 🚀")),
        .atLeast(3, of: "a", within: .sinceSession),
        .atMost(4, of: "a", within: .sinceAppVersion),
        .cooldown(after: "\"\\\n", for: .days(3_660_000)),
        .within(.seconds(0.001), of: ""),
        .during(.hours(from: 22, to: 6)),
        .during(.hours(from: 0, to: 24, local: false)),
        .during(.daily(from: TimeOfDay(22, 30), to: TimeOfDay(24))),
        .outside(.weekdays()),
        .outside(.weekends(local: false)),
        .during(.daysOfWeek([.sunday, .monday])),
        .during(.dates(first: CalendarDate(1, 1, 1), last: CalendarDate(9_999, 12, 31))),
        .allOf(.anyOf(.noneOf(.allOf(.within(.hours(1), of: "b"), .within(.hours(1), of: "c"))))),
        alsoRecord: ["x", "y"])

    func testEveryRuleComesBackFromJSON() throws {
        XCTAssertEqual(try Limit(json: everyRule.json()), everyRule)
        let midnight = Limit(.during(.daily(from: TimeOfDay(18), to: TimeOfDay(0))))
        XCTAssertEqual(try Limit(json: midnight.json()), Limit(.during(.daily(from: TimeOfDay(18), to: TimeOfDay(24)))))
    }

    func testAWindowSinceAMarkerComesBackFromJSON() throws {
        let limit = Limit(.atMost(1, of: "tip", within: .since("survey")), .atLeast(3, of: "tap", within: .sinceSession))
        let text = #"{"version":1,"all":[{"at_most":1,"of":"tip","within":{"since":"survey"}},"#
            + #"{"at_least":3,"of":"tap","within":{"since":"tiny-counter.session"}}]}"#
        XCTAssertEqual(try limit.json(), text)
        XCTAssertEqual(try Limit(json: text), limit)
        XCTAssertEqual(try JSONDecoder().decode(Limit.self, from: Data(text.utf8)), limit)
        XCTAssertEqual(try JSONDecoder().decode(Limit.self, from: JSONEncoder().encode(limit)), limit)
        XCTAssertEqual(limit.rules[0], .atMost(event: "tip", limit: 1, window: .since(marker: "survey")))
        XCTAssertThrowsError(try Limit(json: text.replacingOccurrences(of: "\"survey\"", with: "7"))) { error in
            guard case .invalidRules(_, let place)? = error as? EventError else { return XCTFail("\(error)") }
            XCTAssertEqual(place, "/all/0/within/since")
        }
    }

    func testCodableHasTheSameForm() throws {
        let set = LimitSet(["every": everyRule, "off/for ~now": Limit()])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for (limit, text) in [(everyRule, try everyRule.json()), (Limit(), try Limit().json())] {
            let encoded = try encoder.encode(limit)
            XCTAssertEqual(try JSONDecoder().decode(Limit.self, from: encoded), limit)
            XCTAssertEqual(try JSONDecoder().decode(Limit.self, from: Data(text.utf8)), limit)
            XCTAssertEqual(try Limit(json: String(decoding: encoded, as: UTF8.self)), limit)
            // Members have no order, so both are compared without it.
            let objects = try [encoded, Data(text.utf8)].map { try XCTUnwrap(JSONSerialization.jsonObject(with: $0) as? NSDictionary) }
            XCTAssertEqual(objects[0], objects[1])
        }
        XCTAssertEqual(try JSONDecoder().decode(LimitSet.self, from: encoder.encode(set)), set)
        XCTAssertEqual(try LimitSet(json: String(decoding: encoder.encode(set), as: UTF8.self)), set)
        let decoded = try JSONDecoder().decode(LimitSet.self, from: fixture("rules/app.json"))
        XCTAssertEqual(decoded, try LimitSet(json: rules("app.json")))
        let every = try JSONDecoder().decode(Limit.self, from: fixture("rules/every_rule.json"))
        XCTAssertEqual(every, try Limit(json: rules("every_rule.json")))

        struct Settings: Codable, Equatable {
            var name: String
            var prompt: Limit
        }
        let settings = Settings(name: "x", prompt: everyRule)
        XCTAssertEqual(try JSONDecoder().decode(Settings.self, from: encoder.encode(settings)), settings)
        let list = try PropertyListEncoder().encode(settings)
        XCTAssertEqual(try PropertyListDecoder().decode(Settings.self, from: list), settings, "not only JSON")
    }

    func testWhatCannotBeDecodedNamesThePlace() throws {
        let text = #"{"prompts": {"version": 1, "limits": {"a/b": {"all": [{"at_most": 1, "of": "x", "within": "P7"}]}}}}"#
        XCTAssertThrowsError(try JSONDecoder().decode([String: LimitSet].self, from: Data(text.utf8))) { error in
            guard case DecodingError.dataCorrupted(let context) = error else { return XCTFail("\(error)") }
            XCTAssertEqual(context.codingPath.map(\.stringValue), ["prompts", "limits", "a/b", "all", "0", "within"])
            guard case .invalidRules(_, let place)? = context.underlyingError as? EventError else { return XCTFail("\(error)") }
            XCTAssertEqual(place, "/limits/a~1b/all/0/within")
            XCTAssertTrue(context.debugDescription.contains("expected a duration"), context.debugDescription)
        }
        XCTAssertThrowsError(try JSONEncoder().encode(Limit(.anyOf([])))) { error in
            guard case EncodingError.invalidValue(let value, let context) = error else { return XCTFail("\(error)") }
            XCTAssertEqual(value as? Limit, Limit(.anyOf([])))
            XCTAssertNotNil(context.underlyingError as? EventError)
        }
        for text in ["1", "[]", "{}", "null", #"{"version": 1, "all": [null]}"#, #"{"version": 1, "all": [{"at_most": 1.5}]}"#] {
            XCTAssertThrowsError(try JSONDecoder().decode(Limit.self, from: Data(text.utf8)), text)
        }
    }

    func testAnErrorNamesThePlaceAndWhatWasExpected() throws {
        let refused = try XCTUnwrap(JSONSerialization.jsonObject(with: fixture("rules/refused.json")) as? [[String: Any]])
        for document in refused {
            let text = try XCTUnwrap(document["document"] as? String)
            let isSet = document["set"] as? Bool == true
            XCTAssertThrowsError(try isSet ? { _ = try LimitSet(json: text) }() : { _ = try Limit(json: text) }(), text) { error in
                guard let error = error as? EventError else { return XCTFail("\(error)") }
                XCTAssertEqual(error.reason, document["text"] as? String)
                switch error {
                case .invalidRules(_, let place): XCTAssertEqual(place, document["place"] as? String)
                case .incompatible: XCTAssertEqual(document["place"] as? String, "/version")
                default: XCTFail("\(error)")
                }
            }
        }
        XCTAssertGreaterThan(refused.count, 70)
        assert(.incompatible, try Limit(json: #"{"version": 2, "all": []}"#))
        assert(.incompatible, try LimitSet(json: #"{"version": 2, "limits": {}}"#))
        assert(.invalidArgument, try Limit(json: String(repeating: " ", count: (1 << 20) + 1)))
    }

    func testADecoderRefusesTheSameDocuments() throws {
        let refused = try XCTUnwrap(JSONSerialization.jsonObject(with: fixture("rules/refused.json")) as? [[String: Any]])
        var places = 0
        for document in refused {
            let text = try XCTUnwrap(document["document"] as? String)
            // A decoder does not show a member that stands twice, an exponent and the sign of zero. What is not JSON does not reach it.
            let reason = try XCTUnwrap(document["text"] as? String)
            let unseen = ["the object has this member more than once", "found 1e2", "found -0", ": not JSON at line "]
            if unseen.contains(where: reason.contains) { continue }
            let decode = { (data: Data) in
                let isSet = document["set"] as? Bool == true
                if isSet { _ = try JSONDecoder().decode(LimitSet.self, from: data) }
                if !isSet { _ = try JSONDecoder().decode(Limit.self, from: data) }
            }
            XCTAssertThrowsError(try decode(Data(text.utf8)), text) { error in
                guard case DecodingError.dataCorrupted(let context) = error else { return XCTFail("\(text): \(error)") }
                switch context.underlyingError as? EventError {
                case .invalidRules(_, let place)?: XCTAssertEqual(place, document["place"] as? String, text)
                case .incompatible?: XCTAssertEqual(document["place"] as? String, "/version", text)
                default: XCTFail("\(text): \(context)")
                }
                places += 1
            }
        }
        XCTAssertGreaterThan(places, 65)
    }

    func testADocumentHasAtMost1MiB() throws {
        let fill = { (document: String, bytes: Int) in document + String(repeating: " ", count: bytes - document.utf8.count) }
        let limit = Limit(.cooldown(after: "x", for: .days(1)))
        let set = LimitSet(["tip": limit])
        XCTAssertEqual(try Limit(json: fill(limit.json(), 1 << 20)), limit)
        XCTAssertEqual(try LimitSet(json: fill(set.json(), 1 << 20)), set)
        assert(.invalidArgument, try Limit(json: fill(limit.json(), (1 << 20) + 1)))
        assert(.invalidArgument, try LimitSet(json: fill(set.json(), (1 << 20) + 1)))
        // Bytes of UTF-8, not characters.
        let text = #"{"version":1,"all":[],"$schema":""#
        let wide = text + String(repeating: "é", count: ((1 << 20) - text.utf8.count - 2) / 2)
        XCTAssertEqual(try Limit(json: fill(wide + "\"}", 1 << 20)), Limit())
        assert(.invalidArgument, try Limit(json: wide + "é\"}"))
    }

    func testASetIsLoadedAsAWholeOrNotAtAll() throws {
        let tip = Limit(.atMost(1, of: "tip", within: .days(1)))
        var set = LimitSet(["tip": tip])
        set["off/for ~now"] = Limit(.atMost(0, of: "x", within: .ever))
        let text = try set.json()
        XCTAssertEqual(try LimitSet(json: text), set)
        XCTAssertEqual(set["tip"], tip)
        XCTAssertNil(set["offer"])
        XCTAssertEqual(Set(set.limits.map(\.name)), ["tip", "off/for ~now"])
        XCTAssertTrue(try inMemory().limit("tip", XCTUnwrap(set["tip"])).checkAndRecord().isAllowed)

        XCTAssertThrowsError(try LimitSet(json: text.replacingOccurrences(of: "\"at_most\":0", with: "\"at_most\":-1"))) { error in
            guard case .invalidRules(_, let place)? = error as? EventError else { return XCTFail("\(error)") }
            XCTAssertEqual(place, "/limits/off~1for ~0now/all/0/at_most")
        }
        assert(.invalidRules, try LimitSet(json: tip.json()))
        assert(.invalidRules, try Limit(json: text))
        assert(.invalidRules, try LimitSet(["": tip]).json())
    }

    func testWhatNoDocumentCanHoldIsAnError() throws {
        assert(.invalidRules, try Limit(.within(.hours(1), of: String(repeating: "é", count: 513))).json())
        assert(.invalidRules, try Limit(alsoRecord: ["x", "x"]).json())
        let rule = Rule.within(.days(1), of: "x")
        let invalid = [
            Limit(.atMost(-1, of: "x", within: .today)), Limit(.atMost(1, of: "x", within: .calendar(0, .days))),
            Limit(.anyOf([])), Limit(rules: Array(repeating: rule, count: 65)), Limit(.cooldown(after: "x", for: .seconds(.nan))),
        ]
        for limit in invalid { assert(.invalidArgument, try limit.json(), "\(limit)") }
    }

    func testADocumentDecidesAsTheTableOfAllLanguagesSays() throws {
        try decideAs("decisions.json")
    }

    func testADocumentWithMarkersDecidesAsTheTableOfAllLanguagesSays() throws {
        try decideAs("decisions_since.json")
    }

    private func decideAs(_ name: String) throws {
        let table = try XCTUnwrap(JSONSerialization.jsonObject(with: fixture("rules/\(name)")) as? [String: Any])
        let rules = try LimitSet(json: rules(XCTUnwrap(table["rules"] as? String)))
        XCTAssertEqual(table["zone"] as? String, "UTC")
        let format = ISO8601DateFormatter()
        format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let store = try inMemory(markers: table["markers"] as? [String] ?? [])
        var asked: Set<String> = []
        for step in try XCTUnwrap(table["steps"] as? [[String: Any]]) {
            try clock.set(XCTUnwrap(format.date(from: XCTUnwrap(step["at"] as? String))))
            if let event = step["record"] as? String {
                store.record(event)
                continue
            }
            let name = try XCTUnwrap(step["limit"] as? String)
            asked.insert(name)
            let limit = try XCTUnwrap(rules[name])
            let decision: Decision
            if let event = step["decide"] as? String {
                decision = try store.limit(event, limit).checkAndRecord()
            } else {
                decision = try store.limit(XCTUnwrap(step["ask"] as? String), limit).check()
            }
            XCTAssertEqual(decision.isAllowed, step["allowed"] as? Bool, "\(step)")
            XCTAssertEqual(decision.retryAt, (step["retry_at"] as? String).flatMap(format.date(from:)), "\(step)")
        }
        XCTAssertEqual(asked, Set(rules.limits.map(\.name)))
    }

    func testAChangedRuleSeesTheWholeHistory() throws {
        let store = try inMemory()
        let daily = try store.limit("tip", Limit(.atMost(3, of: "tip", within: .days(1))))
        for _ in 0..<3 { XCTAssertTrue(try daily.checkAndRecord().isAllowed) }
        XCTAssertFalse(daily.isAllowed())
        let allows = { (rule: String) in try store.limit("tip", try Limit(json: #"{"version": 1, "all": [\#(rule)]}"#)).isAllowed() }
        XCTAssertTrue(try allows(#"{"at_most": 4, "of": "tip", "within": "P1D"}"#))
        XCTAssertFalse(try allows(#"{"at_most": 3, "of": "tip", "within": {"weeks": 1}}"#))
        XCTAssertTrue(try allows(#"{"at_least": 3, "of": "tip", "within": "ever"}"#))
    }
}
