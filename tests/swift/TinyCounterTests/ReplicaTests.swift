import TinyCounter
import XCTest

final class ReplicaTests: StoreTestCase {
    private func ownID(_ store: EventStore) throws -> String {
        try XCTUnwrap(store.replicas().first { $0.isOwn }).id
    }

    func testReplicasAreListedTheLeastRecentlySeenFirst() async throws {
        let (phone, tablet) = (try inMemory(), try inMemory())
        tablet.record("launch")
        let seen = tablet.now
        try clock.advance(by: .days(3))
        phone.record("launch")
        phone.record("other")
        try await phone.merge(tablet.export())
        let replicas = try await phone.replicas()
        XCTAssertEqual(replicas.map(\.lastSeen), [seen, phone.now])
        XCTAssertEqual(replicas.map(\.events), [1, 2])
        XCTAssertEqual(replicas.map(\.isOwn), [false, true])
        XCTAssertEqual(replicas.map(\.isRetired), [false, false])
        let id = try await tablet.replicas()[0].id
        XCTAssertEqual(replicas[0].id, id)
    }

    func testAReplicaOfThisDeviceFromBeforeARestoredBackupIsRetired() throws {
        let device = try onDisk()
        device.record("launch")
        try device.persist()
        let backup = try killed()
        device.record("launch")
        let (later, before) = (try device.export(), try ownID(device))
        let restored = try EventStore(directory: backup, timeZone: .utc, clock: clock)
        XCTAssertTrue(try restored.merge(later).restarted)
        restored.record("launch")
        let replicas = try restored.replicas()
        XCTAssertEqual(replicas.filter(\.isRetired).map(\.id), [before])
        XCTAssertEqual(replicas.filter(\.isRetired).map(\.isOwn), [false])
        XCTAssertNotEqual(try ownID(restored), before)
        XCTAssertEqual(try restored.forgetReplicas([before]), 1)
        XCTAssertEqual(try restored.query("launch").lifetime(), 1, "what this device counted before is erased")
    }

    func testAForgottenReplicaCountsNowhereAndGoesOnUnderANewIdentity() async throws {
        let (phone, tablet) = (try inMemory(), try inMemory())
        try tablet.record("launch", count: 2)
        phone.record("launch")
        try await phone.merge(tablet.export())
        let old = try await tablet.replicas()[0].id
        let forgotten = try await phone.forgetReplicas([old])
        let again = try await phone.forgetReplicas([old])
        XCTAssertEqual([forgotten, again], [1, 0])
        XCTAssertEqual(try phone.query("launch").lifetime(), 1)
        let report = try await tablet.merge(phone.export(since: tablet.knowledge()))
        XCTAssertTrue(report.restarted)
        try tablet.record("launch", count: 4)
        try await phone.merge(tablet.export())
        XCTAssertEqual(try [phone, tablet].map { try $0.query("launch").lifetime() }, [5, 5])
    }

    func testAFullStoreReportsAReplicaThatItRefusesAndHasRoomWhenItForgetsOne() throws {
        let (phone, tablet) = (try inMemory(), try inMemory())
        for _ in 0..<1_024 {
            let device = try inMemory()
            device.record("x")
            try phone.merge(device.export())
        }
        tablet.record("launch")
        let export = try tablet.export()
        let full = try phone.merge(export)
        XCTAssertEqual([full.refused, full.replicasRefused, full.eventsChanged], [1, 1, 0])
        XCTAssertNil(try phone.query("launch").lifetime())
        try phone.forgetReplicas([phone.replicas()[0].id])
        XCTAssertEqual(try phone.merge(export).replicasRefused, 0)
        XCTAssertEqual(try phone.query("launch").lifetime(), 1)
    }

    func testAnOwnOrInvalidIDIsRefused() throws {
        let phone = try inMemory()
        phone.record("launch")
        for id in [try ownID(phone), "", "launch"] {
            assert(.invalidArgument, try phone.forgetReplicas([id]))
        }
        XCTAssertEqual(try phone.query("launch").lifetime(), 1)
    }
}
