package dev.tinycounter

import dev.tinycounter.internal.SyncKeys as CoreSyncKeys

/**
 * Keys that seal what [EventStore.export], [EventStore.exportParts] and [EventStore.knowledge]
 * return: without the key nobody can read it, change it or make it. A store with keys accepts only
 * what is sealed with one of them. Without keys, whoever can change the bytes on their way can add
 * counts and erase events.
 *
 * To change the key, let all devices take three steps, one after the other:
 * `SyncKeys(old, alsoAccepted = new)`, `SyncKeys(new, alsoAccepted = old)`, `SyncKeys(new)`.
 *
 * Only a library that was built with the feature `sync-key` has keys.
 *
 * @param key 32 random bytes that all devices of one person share. Keep them encrypted with a key
 * of the Android Keystore
 * @param alsoAccepted a second key of 32 bytes that opens and does not seal
 */
public class SyncKeys
@JvmOverloads
constructor(key: ByteArray, alsoAccepted: ByteArray? = null) {
    internal val core = CoreSyncKeys(key.copyOf(), alsoAccepted?.copyOf())
}
