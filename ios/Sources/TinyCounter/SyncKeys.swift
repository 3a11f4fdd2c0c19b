import Foundation
internal import TinyCounterBindings

/// Keys that seal what `export()`, `exportParts(maxBytes:since:)` and `knowledge()` of a store
/// return: without the key nobody can read it, change it or make it. A store with keys accepts only
/// what is sealed with one of them. Without keys, whoever can change the data on its way can add
/// counts and erase events.
///
/// To change the key, let all devices take three steps, one after the other:
/// `SyncKeys(old, alsoAccepted: new)`, `SyncKeys(new, alsoAccepted: old)`, `SyncKeys(new)`.
///
/// Only a library that was built with the feature `sync-key` has keys.
public struct SyncKeys: Sendable {
    let core: TinyCounterBindings.SyncKeys

    /// - Parameters:
    ///   - key: 32 random bytes that all devices of one person share. Keep them in the Keychain.
    ///   - alsoAccepted: A second key of 32 bytes that opens and does not seal.
    public init(_ key: Data, alsoAccepted: Data? = nil) {
        core = TinyCounterBindings.SyncKeys(key: key, alsoAccepted: alsoAccepted)
    }
}

/// No text shows a key, not even that of `dump`.
extension SyncKeys: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: []) }
}
