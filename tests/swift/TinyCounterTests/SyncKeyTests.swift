import Foundation
import TinyCounter
import XCTest

final class SyncKeyTests: StoreTestCase {
    private let key = Data(0..<32)
    private let other = Data(repeating: 1, count: 32)

    /// Whether the library was built with the feature.
    private let hasKeys = ProcessInfo.processInfo.environment["TINY_COUNTER_FEATURES"]?.contains("sync-key") ?? false

    private func store(_ keys: SyncKeys?) throws -> EventStore {
        try EventStore.inMemory(timeZone: .utc, clock: clock, syncKeys: keys)
    }

    /// Runs a test, or checks that a library without the feature refuses its first key.
    private func withKeys(_ test: () throws -> Void) throws {
        if hasKeys { return try test() }
        XCTAssertThrowsError(try test()) { error in
            let reason = (error as? EventError)?.reason ?? ""
            XCTAssertTrue(reason.contains("this build of the library has no sync keys"), "\(error)")
        }
    }

    func testStoresWithOneKeyMergeAndOthersRefuse() throws {
        try withKeys {
            let phone = try store(SyncKeys(key))
            phone.record("secret name")
            let export = try phone.export()
            XCTAssertNil(export.range(of: Data("secret".utf8)))
            let tablet = try store(SyncKeys(key))
            XCTAssertEqual(try tablet.merge(export).eventsChanged, 1)
            XCTAssertEqual(try tablet.merge(phone.export(since: tablet.knowledge())).eventsChanged, 0)
            assert(.corrupt, try store(SyncKeys(other)).merge(export))
            assert(.corrupt, try tablet.merge(store(nil).export()))
            assert(.syncKeyRequired, try store(nil).merge(export))
        }
    }

    func testASyncStateThatIsNotSealedWithTheKeyIsRefused() throws {
        try withKeys {
            let phone = try store(SyncKeys(key))
            phone.record("launch")
            assert(.corrupt, try phone.export(since: store(nil).knowledge()))
            assert(.corrupt, try phone.export(since: store(SyncKeys(other)).knowledge()))
            assert(.corrupt, try phone.exportParts(maxBytes: 800, since: store(nil).knowledge()))
            assert(.syncKeyRequired, try store(nil).export(since: phone.knowledge()))
            XCTAssertFalse(try phone.export(since: store(SyncKeys(key)).knowledge()).isEmpty)
        }
    }

    func testASealedExportOfEachLanguageOpensWithItsKeyOnly() throws {
        try withKeys {
            let own = try store(SyncKeys(key))
            try recordExchanged(own)
            try writeExchanged("sealed", own.export())
            for sealed in try languages.compactMap({ try exchanged($0, "sealed") }) {
                let store = try self.store(SyncKeys(key))
                try store.merge(sealed)
                XCTAssertEqual(store.events.count, 22)
                XCTAssertEqual(try store.query("launch").lifetime(), 3)
                assert(.corrupt, try self.store(SyncKeys(other)).merge(sealed))
                assert(.syncKeyRequired, try self.store(nil).merge(sealed))
            }
        }
    }

    func testASecondKeyIsAccepted() throws {
        try withKeys {
            let export = try store(SyncKeys(key)).export()
            XCTAssertEqual(try store(SyncKeys(other, alsoAccepted: key)).merge(export).eventsChanged, 0)
        }
    }

    func testAKeyOfAnotherLengthIsRefused() {
        for keys in [SyncKeys(key.dropLast()), SyncKeys(Data()), SyncKeys(key, alsoAccepted: key + [0])] {
            assert(.invalidArgument, try store(keys))
        }
    }

    func testAStoreInAFolderTakesKeys() throws {
        try withKeys {
            let sealed = try store(SyncKeys(key)).export()
            let store = try EventStore(directory: folder, clock: clock, syncKeys: SyncKeys(key))
            XCTAssertEqual(try store.merge(sealed).eventsChanged, 0)
        }
    }

    func testNoTextShowsAKey() {
        let keys = SyncKeys(Data(repeating: 77, count: 32))
        var dumped = ""
        dump(keys, to: &dumped)
        XCTAssertFalse("\(keys) \(dumped)".contains("77"), dumped)
    }
}
