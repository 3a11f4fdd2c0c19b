package dev.tinycounter

import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir

class ReplicaTest {
    private val clock = TestClock(NOON)
    private val phone = memory(clock)
    private val tablet = memory(clock)

    private fun EventStore.ownId() = replicas().single { it.isOwn }.id

    @Test
    fun `replicas are listed the least recently seen first`() {
        tablet.record("launch")
        clock.advance(3.days)
        phone.record("launch")
        phone.record("other")
        phone.merge(tablet.export())
        val (old, own) = phone.replicas()
        assertEquals(Replica(tablet.ownId(), NOON, events = 1, isOwn = false, isRetired = false), old)
        assertEquals(listOf(clock.now, 2, true, false), listOf(own.lastSeen, own.events, own.isOwn, own.isRetired))
        assertEquals(phone.replicas(), runBlocking { phone.awaitReplicas() })
    }

    @Test
    fun `a replica of this device from before a restored backup is retired`(@TempDir directory: File, @TempDir backup: File) {
        val (later, before) = open(directory, clock).use { store ->
            store.record("launch")
            store.persist()
            directory.copyRecursively(backup, overwrite = true)
            store.record("launch")
            store.export() to store.ownId()
        }
        open(backup, clock).use { store ->
            assertTrue(store.merge(later).restarted)
            store.record("launch")
            val retired = store.replicas().single { it.isRetired }
            assertEquals(before to false, retired.id to retired.isOwn)
            assertNotEquals(before, store.ownId())
            assertEquals(1, store.forgetReplicas(listOf(before)))
            assertEquals(1, store.today("launch"), "what this device counted before is erased")
        }
    }

    @Test
    fun `a forgotten replica counts nowhere and goes on under a new identity`() {
        tablet.record("launch", 2)
        phone.record("launch")
        phone.merge(tablet.export())
        val old = tablet.ownId()
        assertEquals(1, phone.forgetReplicas(listOf(old)))
        assertEquals(0, runBlocking { phone.awaitForgetReplicas(listOf(old)) })
        assertEquals(1, phone.today("launch"))
        val report = tablet.merge(phone.export(since = runBlocking { tablet.awaitKnowledge() }))
        assertTrue(report.restarted)
        tablet.record("launch", 4)
        assertFalse(phone.merge(tablet.export()).restarted)
        assertEquals(listOf(5L, 5L), listOf(phone, tablet).map { it.today("launch") })
        assertNotEquals(old, tablet.ownId())
    }

    @Test
    fun `a full store reports a replica that it refuses and has room when it forgets one`() {
        repeat(1_024) { memory(clock).use { device -> device.record("x"); phone.merge(device.export()) } }
        tablet.record("launch")
        val export = tablet.export()
        val full = phone.merge(export)
        assertEquals(listOf(1, 1, 0), listOf(full.refused, full.replicasRefused, full.eventsChanged))
        assertNull(phone.query("launch").lifetime())
        phone.forgetReplicas(listOf(phone.replicas().first { !it.isOwn }.id))
        assertEquals(0, phone.merge(export).replicasRefused)
        assertEquals(1, phone.query("launch").lifetime())
    }

    @Test
    fun `an own or invalid id is refused`() {
        phone.record("launch")
        for (id in listOf(phone.ownId(), "", "launch")) {
            assertFailsWith<EventStoreException.InvalidArgument> { phone.forgetReplicas(listOf(id)) }
        }
        assertEquals(1, phone.today("launch"))
    }
}
