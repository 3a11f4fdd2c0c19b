import TinyCounter
import XCTest

final class GroupTests: StoreTestCase {
    private let within = Rule.within(event: "purchase", span: .hours(24))
    private let launches = Rule.atLeast(event: "launch", count: 3, window: .today)

    func testAnyOfNeedsOneOfItsRulesAndARefusalListsThemAll() throws {
        let store = try inMemory()
        let prompt = try store.limit("prompt").atMost(1, within: .days(7))
            .anyOf(.within(.hours(24), of: "purchase"), .atLeast(3, of: "launch", within: .today))
        try store.record("launch", count: 2)
        let refusal = try XCTUnwrap(prompt.check().refusals.first)
        XCTAssertEqual(refusal.rule, .anyOf([within, launches]))
        XCTAssertEqual(refusal.rule, prompt.limit.rules[1])
        XCTAssertEqual(refusal.branches.map(\.rule), [within, launches])
        XCTAssertEqual(refusal.branches.map(\.count), [nil, 2])
        XCTAssertEqual(refusal.branches.map(\.passes), [false, false])
        XCTAssertNil(refusal.retryAfter)
        XCTAssertTrue(refusal.description.contains("any of"), refusal.description)

        store.record("launch")
        XCTAssertTrue(prompt.isAllowed())
        try clock.advance(by: .days(1))
        XCTAssertFalse(prompt.isAllowed())
        store.record("purchase")
        XCTAssertTrue(try prompt.checkAndRecord().isAllowed)
        XCTAssertEqual(try prompt.check().refusals.map(\.rule), [prompt.limit.rules[0]])
    }

    func testNoneOfNeedsThatNoRulePassesAndARefusalListsThoseThatPass() throws {
        let store = try inMemory()
        let prompt = try store.limit("prompt").noneOf(.within(.days(30), of: "complaint"), .within(.days(2), of: "crash"))
        XCTAssertTrue(prompt.isAllowed())
        store.record("crash")
        let refused = try prompt.check()
        let branches = try XCTUnwrap(refused.refusals.first).branches
        XCTAssertEqual(branches.map(\.rule), [.within(event: "crash", span: .days(2))])
        XCTAssertEqual(branches.map(\.passes), [true])
        XCTAssertEqual(branches.map(\.retryAfter), [172_800.001], "until it stops passing")
        XCTAssertEqual(refused.retryAfter, 2 * 86_400 + 0.001)
    }

    func testGroupsNestAndEachRefusalNamesItsOwnRule() throws {
        let store = try inMemory()
        let prompt = try store.limit("prompt").anyOf(
            .atLeast(1, of: "purchase"),
            .allOf(
                .atLeast(3, of: "launch"),
                .noneOf(.within(.days(2), of: "crash")),
                .cooldown(after: "prompt", for: .hours(1))))
        store.record("crash")
        let all = try XCTUnwrap(prompt.check().refusals.first).branches[1]
        XCTAssertEqual(
            all.branches.map(\.rule),
            [.atLeast(3, of: "launch"), .noneOf([.within(event: "crash", span: .days(2))])])
        XCTAssertEqual(all.branches[1].branches.map(\.rule), [.within(.days(2), of: "crash")])
        try store.record("launch", count: 3)
        XCTAssertEqual(try prompt.check().retryAfter, 2 * 86_400 + 0.001)
        store.record("purchase")
        XCTAssertTrue(try prompt.checkAndRecord().isAllowed)
    }

    func testAllOfNeedsAllOfItsRules() throws {
        let store = try inMemory()
        let prompt = try store.limit("prompt").allOf(.atLeast(1, of: "a"), .atLeast(1, of: "b"))
        XCTAssertEqual(prompt.limit.rules, [.allOf([.atLeast(event: "a", count: 1, window: .ever), .atLeast(1, of: "b")])])
        store.record("a")
        XCTAssertEqual(try prompt.check().refusals.first?.branches.map(\.rule), [.atLeast(1, of: "b")])
        store.record("b")
        XCTAssertTrue(prompt.isAllowed())
    }

    func testGroupsOutOfBoundsAreErrors() throws {
        let store = try inMemory()
        func nested(_ depth: Int) -> Rule {
            (0..<depth).reduce(Rule.within(.days(1), of: "x")) { rule, _ in .noneOf([rule]) }
        }
        XCTAssertNoThrow(try store.limit("x", Limit(nested(4))).check())
        let rule = Rule.atLeast(0, of: "x")
        XCTAssertNoThrow(try store.limit("x").anyOf(rule).adding(.allOf(Array(repeating: rule, count: 63))).check())
        let invalid: [[Rule]] = [
            [nested(5)], [nested(400)], [.allOf([])], [.anyOf([])], [rule, .noneOf([.anyOf([]), rule])],
            [.anyOf(Array(repeating: rule, count: 65))], Array(repeating: rule, count: 100_000),
            [.allOf(.atMost(-1, of: "x", within: .today))],
        ]
        for rules in invalid {
            assert(.invalidArgument, try store.limit("x", Limit(rules: rules)), "\(rules.count)")
        }
    }
}
