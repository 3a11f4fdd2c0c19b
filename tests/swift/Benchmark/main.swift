import Allocations
import Foundation
import TinyCounter

// What a call costs, beside the time. `cargo xtask bench swift` prints the same calls from Rust
// before. The calls take turns, so that other work of the machine affects all of them alike.

let store = try EventStore.inMemory()
for day in 0..<28 { try store.record("tap", count: 3, ago: .days(Double(day))) }

func limit(_ most: Int) throws -> Limiter {
    try store.limit("tap")
        .atMost(most, within: .days(7))
        .atMost(1_000_000_000, within: .hours(1))
        .cooldown(after: "crash", for: .days(2))
}

struct Call {
    let name: String
    let call: () throws -> Void
    private var times = 100
    private var nanos: [Double] = []
    private var allocated: [Double] = []

    init(_ name: String, _ call: @escaping () throws -> Void) {
        self.name = name
        self.call = call
    }

    mutating func measure(keep: Bool) throws {
        let before = allocations()
        let begin = DispatchTime.now().uptimeNanoseconds
        for _ in 0..<times { try call() }
        let took = Double(max(1, DispatchTime.now().uptimeNanoseconds - begin))
        let more = allocations() - before
        if keep {
            nanos.append(took / Double(times))
            allocated.append(Double(more) / Double(times))
        }
        times = max(10, min(times * 4, max(times / 4, Int(Double(times) * 2_000_000 / took))))
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    var line: String {
        let numbers = [median(nanos), median(allocated)].map { String(format: "%12.1f", $0) }
        return name.padding(toLength: 44, withPad: " ", startingAt: 0) + numbers.joined()
    }
}

let tap = store.event("tap")
let (allowed, refused) = (try limit(1_000_000_000), try limit(1))
let week = try store.query("tap").lastDays(7).sum.prepared()
var sink = 0

var calls = [
    Call("Date()") { sink &+= Int(Date().timeIntervalSince1970) },
    Call("record(name)") { store.record("tap") },
    Call("record() of a handle") { tap.record() },
    Call("event(name)") { sink &+= store.event("tap").name.utf8.count },
    Call("isAllowed(), allowed") { if allowed.isAllowed() { sink &+= 1 } },
    Call("isAllowed(), refused") { if refused.isAllowed() { sink &+= 1 } },
    Call("limit().isAllowed(), allowed") { if try limit(1_000_000_000).isAllowed() { sink &+= 1 } },
    Call("check(), allowed") { if try allowed.check().isAllowed { sink &+= 1 } },
    Call("check(), refused") { if try refused.check().isAllowed { sink &+= 1 } },
    Call("checkAndRecord(), allowed") { if try allowed.checkAndRecord().isAllowed { sink &+= 1 } },
    Call("query(name).lastDays(7).sum()") { sink &+= try store.query("tap").lastDays(7).sum() ?? 0 },
    Call("query(name).lastSeen()") { sink &+= Int(try store.query("tap").lastSeen() ?? 0) },
    Call("a prepared sum") { sink &+= try week() ?? 0 },
    Call("query(name).lastDays(28).buckets()") { sink &+= try store.query("tap").lastDays(28).buckets().count },
]
for round in 0..<60 {
    for index in calls.indices { try calls[index].measure(keep: round >= 20) }
}
print("".padding(toLength: 44, withPad: " ", startingAt: 0) + "          ns allocations")
for call in calls { print(call.line) }
precondition(sink != 0)
