package dev.tinycounter

import App
import android.content.BroadcastReceiver
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.content.IntentFilter
import java.io.File
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import org.junit.jupiter.api.io.TempDir

/** android/README.md shows App.kt, so that its sample compiles. These tests run it. */
class SampleTest {
    @Test
    fun `the application of the readme opens its store`(@TempDir folder: File) {
        val system = object : ContextWrapper(null) {
            override fun getNoBackupFilesDir(): File = folder

            override fun registerReceiver(receiver: BroadcastReceiver?, filter: IntentFilter): Intent? = null
        }
        val app = App()
        val attach = ContextWrapper::class.java.getDeclaredMethod("attachBaseContext", Context::class.java)
        attach.apply { isAccessible = true }.invoke(app, system)
        app.onCreate()
        app.store.use { it.record("launch") }
        EventStore.open(File(folder, "counts")).use { assertEquals(1, it.query("launch").lifetime()) }
    }

    @Test
    fun `the readme shows the application unchanged`() {
        val root = File(System.getProperty("tinycounter.root"))
        val sample = root.resolve("tests/kotlin-android/src/test/kotlin/App.kt").readText()
        assertContains(root.resolve("android/README.md").readText(), "```kotlin\n$sample```")
    }
}
