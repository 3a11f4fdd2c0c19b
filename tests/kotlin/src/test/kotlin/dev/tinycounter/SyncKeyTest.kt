package dev.tinycounter

import java.io.File
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir

class SyncKeyTest {
    private val key = ByteArray(32) { it.toByte() }
    private val other = ByteArray(32) { 1 }

    /** Whether the library was built with the feature. */
    private val hasKeys = System.getenv("TINY_COUNTER_FEATURES").orEmpty().contains("sync-key")

    private fun store(keys: SyncKeys?) = EventStore.inMemory(timeZone = UTC, clock = TestClock(NOON), syncKeys = keys)

    /** Runs [test], or checks that a library without the feature refuses its first key. */
    private fun withKeys(test: () -> Unit) {
        if (hasKeys) return test()
        val refusal = assertFailsWith<EventStoreException.InvalidArgument> { test() }
        assertContains(refusal.message.orEmpty(), "this build of the library has no sync keys")
    }

    @Test
    fun `stores with one key merge and others refuse`() = withKeys {
        val phone = store(SyncKeys(key))
        phone.record("secret name")
        val export = phone.export()
        assertFalse(String(export, Charsets.ISO_8859_1).contains("secret"))
        val tablet = store(SyncKeys(key))
        assertEquals(1, tablet.merge(export).eventsChanged)
        assertEquals(0, tablet.merge(phone.export(tablet.knowledge())).eventsChanged)
        assertFailsWith<EventStoreException.Corrupt> { store(SyncKeys(other)).merge(export) }
        assertFailsWith<EventStoreException.Corrupt> { tablet.merge(store(null).export()) }
        assertFailsWith<EventStoreException.SyncKeyRequired> { store(null).merge(export) }
    }

    @Test
    fun `a sync state that is not sealed with the key is refused`() = withKeys {
        val phone = store(SyncKeys(key))
        phone.record("launch")
        for (state in listOf(store(null).knowledge(), store(SyncKeys(other)).knowledge())) {
            assertFailsWith<EventStoreException.Corrupt> { phone.export(since = state) }
            assertFailsWith<EventStoreException.Corrupt> { phone.exportParts(800, since = state) }
        }
        assertFailsWith<EventStoreException.SyncKeyRequired> { store(null).export(since = phone.knowledge()) }
        assertTrue(phone.export(since = store(SyncKeys(key)).knowledge()).isNotEmpty())
    }

    @Test
    fun `a sealed export of each language opens with its key only`() = withKeys {
        val own = store(SyncKeys(key))
        own.recordExchanged()
        writeExchanged("sealed", own.export())
        for (sealed in LANGUAGES.mapNotNull { exchanged(it, "sealed") }) {
            val store = store(SyncKeys(key))
            store.merge(sealed)
            assertEquals(22, store.events.size)
            assertEquals(3, store.query("launch").lifetime())
            assertFailsWith<EventStoreException.Corrupt> { store(SyncKeys(other)).merge(sealed) }
            assertFailsWith<EventStoreException.SyncKeyRequired> { store(null).merge(sealed) }
        }
    }

    @Test
    fun `a second key is accepted`() = withKeys {
        val export = store(SyncKeys(key)).export()
        assertEquals(0, store(SyncKeys(other, alsoAccepted = key)).merge(export).eventsChanged)
    }

    @Test
    fun `a key of another length is refused`() {
        for (keys in listOf(SyncKeys(ByteArray(31)), SyncKeys(ByteArray(0)), SyncKeys(key, ByteArray(33)))) {
            assertFailsWith<EventStoreException.InvalidArgument> { store(keys) }
        }
    }

    @Test
    fun `a store in a folder takes keys`(@TempDir directory: File) = withKeys {
        val sealed = store(SyncKeys(key)).export()
        EventStore.open(directory, syncKeys = SyncKeys(key)).use { it.merge(sealed) }
        runBlocking { EventStore.awaitOpen(directory, syncKeys = SyncKeys(key)) }.use { it.merge(sealed) }
    }

    @Test
    fun `no text shows a key`() {
        assertFalse(SyncKeys(ByteArray(32) { 77 }).toString().contains("77, 77"))
    }
}
