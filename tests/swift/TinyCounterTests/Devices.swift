import Foundation
import TinyCounter

/// One device of a person. A transport of the app carries the bytes.
struct Device: Sendable {
    private let store: EventStore

    init(store: EventStore) {
        self.store = store
    }

    /// The first message to a device of which nothing is known: all counts.
    func everything() throws -> Data {
        try store.export()
    }

    /// What the other device sends along, so that the answer has only what it lacks.
    func whatIKnow() throws -> Data {
        try store.knowledge()
    }

    func answer(to knowledge: Data) throws -> Data {
        try store.export(since: knowledge)
    }

    /// Takes a message, in any order and any number of times. Returns how many events changed.
    func receive(_ message: Data) throws -> Int {
        try store.merge(message).eventsChanged
    }
}
