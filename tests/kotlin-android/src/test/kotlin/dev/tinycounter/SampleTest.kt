package dev.tinycounter

import App
import java.io.File
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.io.TempDir

/** android/README.md shows App.kt, so that its sample compiles. These tests run it. */
class SampleTest {
    @Test
    fun `the application of the readme opens its store`(@TempDir folder: File) {
        val app = App()
        val phone = Phone(folder, app)
        app.onCreate()
        app.launched()
        assertTrue(eventually { app.counts.store.query("process_start").lifetime() == 1L })
        app.counts.close()
        EventStore.open(phone.folder()).use { assertEquals(1, it.query("launch").lifetime()) }
    }

    @Test
    fun `the readme shows the application unchanged`() {
        val root = File(System.getProperty("tinycounter.root"))
        val sample = root.resolve("tests/kotlin-android/src/test/kotlin/App.kt").readText()
        assertContains(root.resolve("android/README.md").readText(), "```kotlin\n$sample```")
    }
}
