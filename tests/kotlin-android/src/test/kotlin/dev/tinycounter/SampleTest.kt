package dev.tinycounter

import AlarmReceiver
import App
import OldCounts
import android.content.Intent
import countMessage
import countWork
import java.io.File
import kotlin.concurrent.thread
import kotlin.test.AfterTest
import kotlin.test.BeforeTest
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.io.TempDir

/** android/README.md shows the samples beside this folder, so that they compile. These tests run them. */
class SampleTest {
    @TempDir
    lateinit var directory: File

    private val handler = Thread.getDefaultUncaughtExceptionHandler()
    private val app = App()
    private lateinit var phone: Phone

    @BeforeTest
    fun start() {
        phone = Phone(directory, app)
        Thread.setDefaultUncaughtExceptionHandler { _, _ -> } // in place of the system's, which ends the process
        app.onCreate()
        assertTrue(eventually { app.counts.store.query("process_start").lifetime() == 1L })
    }

    @AfterTest
    fun end() {
        app.counts.close()
        Thread.setDefaultUncaughtExceptionHandler(handler)
    }

    private fun lifetime(event: String) = app.counts.store.query(event).lifetime()

    @Test
    fun `the application opens its store and counts crashes`() {
        thread { error("as the test wants it") }.join()
        assertEquals(1, lifetime("crash"))
        app.counts.close()
        EventStore.open(phone.folder()).use { assertEquals(1, it.query("process_start").lifetime()) }
    }

    @Test
    fun `work in the background persists`() {
        countMessage(app.counts)
        assertFalse(app.counts.store.isDirty)
        runBlocking { countWork(app.counts) }
        assertFalse(app.counts.store.isDirty)
        assertEquals(listOf<Long?>(1, 1), listOf("message", "work").map(::lifetime))
    }

    @Test
    fun `a receiver counts`() {
        AlarmReceiver().onReceive(app, Intent("alarm"))
        assertEquals(1, lifetime("alarm"))
    }

    @Test
    fun `old counts are taken over once`() {
        val old = OldPreferences(mutableMapOf("launches" to 50L, "last_launch" to 1_700_000_000_000L))
        repeat(2) { runBlocking { OldCounts(app.counts.store, old.preferences).takeOver() } }
        assertEquals(50, lifetime("launch"))
        assertTrue(old.values.isEmpty())
    }

    @Test
    fun `the readme shows the samples unchanged`() {
        val root = File(System.getProperty("tinycounter.root"))
        for (name in listOf("App", "Background", "OldCounts")) {
            val sample = root.resolve("tests/kotlin-android/src/test/kotlin/$name.kt").readText()
            assertContains(root.resolve("android/README.md").readText(), "```kotlin\n$sample```")
        }
    }
}
