import Foundation
import TinyCounter

/// Those that recorded the files of tests/fixtures/exchanged.
let languages = ["rust", "kotlin", "swift"]

private func isToBeWritten(_ name: String) -> Bool {
    let isAsked = ProcessInfo.processInfo.environment["TINY_COUNTER_WRITE_FIXTURES"] != nil
    return isAsked && !FileManager.default.fileExists(atPath: fixtureURL(name).path)
}

/// What a language recorded; nil if it is to be written by that language.
func exchanged(_ language: String, _ name: String) throws -> Data? {
    let file = "exchanged/\(language)-\(name).bin"
    return isToBeWritten(file) ? nil : try fixture(file)
}

func writeExchanged(_ name: String, _ bytes: Data) throws {
    let file = "exchanged/swift-\(name).bin"
    if isToBeWritten(file) { try bytes.write(to: fixtureURL(file)) }
}

/// What each language records: 22 events, as in tests/golden.rs.
func recordExchanged(_ store: EventStore) throws {
    try store.record("launch", count: 3)
    store.record("sp\u{e4}ter \u{1f680}")
    for number in 0..<20 { store.record("event \(number)") }
}
