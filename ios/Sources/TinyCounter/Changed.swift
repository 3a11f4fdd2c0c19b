import Foundation
internal import TinyCounterBindings

/// What changed in a store: see ``EventStore/changes``.
public enum Changed: Sendable, Equatable {
    /// These events, at most 64, in the order of their first change.
    case events([String])
    /// Any event may have changed.
    case all

    /// Whether answers about the event can be others than before. An answer about the time since a
    /// marker can also be another one if the marker is concerned.
    public func concerns(_ event: some EventID) -> Bool {
        guard case .events(let names) = self else { return true }
        return names.contains { Name.isSame($0, event.eventName) }
    }

    /// Whether the same events changed. Names are compared byte by byte, as in a store.
    public static func == (one: Changed, other: Changed) -> Bool {
        switch (one, other) {
        case (.all, .all): true
        case (.events(let some), .events(let others)): Name.areSame(some, others)
        default: false
        }
    }

    init(_ core: TinyCounterBindings.Changed) {
        switch core {
        case .events(let names): self = .events(names)
        case .all: self = .all
        }
    }

    /// Both changes as one.
    func followed(by later: Changed) -> Changed {
        guard case .events(let earlier) = self, case .events(let names) = later else { return .all }
        let both = earlier + names.filter { !concerns($0) }
        return both.count <= 64 ? .events(both) : .all
    }
}

/// Those who listen to the changes of a store. One thread calls all of them. It runs while there are
/// any.
final class Listeners: Sendable {
    typealias Listener = @Sendable (Changed) -> Void

    private struct State: Sendable {
        var all: [Int: Listener] = [:]
        var last = 0
        /// What the thread waits for; nil without a thread.
        var changes: Changes?
    }

    private let core: TinyCounterBindings.EventStore
    private let state = Locked(State())

    init(_ core: TinyCounterBindings.EventStore) {
        self.core = core
    }

    /// Adds a listener and returns its number. Returns nil if the store cannot be watched.
    func add(_ listener: @escaping Listener) -> Int? {
        state.with { state in
            if state.changes == nil {
                guard let changes = try? core.changes() else { return nil }
                state.changes = changes
                start(changes)
            }
            state.last += 1
            state.all[state.last] = listener
            return state.last
        }
    }

    func remove(_ number: Int) {
        // Released without the lock.
        let removed = state.with { state in
            let listener = state.all.removeValue(forKey: number)
            if state.all.isEmpty {
                state.changes?.end()
                state.changes = nil
            }
            return listener
        }
        _ = removed
    }

    private func start(_ changes: Changes) {
        let thread = Thread { [self] in
            while let changed = changes.next() {
                let all = state.with { $0.all.values }
                all.forEach { $0(Changed(changed)) }
            }
        }
        thread.name = "tiny-counter changes"
        thread.qualityOfService = .utility
        thread.start()
    }
}
