package dev.tinycounter

import java.io.File
import java.net.URLClassLoader
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicLong
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNotSame
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import org.junit.jupiter.api.io.TempDir

/** What the app's handler for warnings gets, and what it may do. */
class WarningTest {
    @TempDir
    private lateinit var directory: File

    private val warnings = LinkedBlockingQueue<String>()

    /** Waits for a warning with this text. Those of stores of other tests may come in between. */
    private fun await(text: String) {
        while (true) if (text in assertNotNull(warnings.poll(20, SECONDS), "no warning with $text")) return
    }

    private fun closed() = memory().apply { close() }

    /** The handler belongs to the process. */
    @AfterTest
    fun ignoreWarnings() = EventStore.onWarning { }

    @Test
    fun `a recording that is not counted is a warning on another thread`() {
        val threads = LinkedBlockingQueue<Thread>()
        EventStore.onWarning {
            threads += Thread.currentThread()
            warnings += it
        }
        closed().record("x")
        await("closed")
        assertNotSame(Thread.currentThread(), threads.take())
        memory().record("x".repeat(1_025))
        await("1,024 bytes")
        closed().event("x").record()
        await("closed")
    }

    @Test
    fun `a background write that fails is a warning`() {
        EventStore.onWarning { warnings += it }
        val folder = File(directory, "store")
        val store = open(folder)
        folder.deleteRecursively()
        store.record("x")
        await("could not be written")
        assertEquals(1, store.today("x"))
    }

    @Test
    fun `the handler may call the store and may throw`() {
        val store = closed()
        val open = memory()
        val passed = AtomicLong()
        EventStore.onWarning {
            passed.incrementAndGet()
            store.record("again")
            open.record("warned")
            open.limit("warned") { atMost(9, 1.days) }.checkAndRecord()
            warnings += it
            error("as the test wants it")
        }
        repeat(3) {
            store.record("x")
            await("closed")
        }
        assertEquals(2 * passed.get(), open.today("warned"))
        assertEquals(emptyList(), warnings.filter { "closed" in it }, "those of the handler itself are not passed to it")
    }

    @Test
    fun `with two class loaders the handler that was given last gets the warnings`() {
        val classes = System.getProperty("java.class.path").split(File.pathSeparator).map { File(it).toURI().toURL() }
        EventStore.onWarning { warnings += it }
        // Warnings come in their order, so those of other tests came before this one.
        closed().record("x")
        await("closed")
        warnings.clear()
        URLClassLoader(classes.toTypedArray(), ClassLoader.getPlatformClassLoader()).use { loader ->
            val warned = loader.loadClass(WarnsAlone::class.java.name).getMethod("warn").invoke(null)
            assertTrue("closed" in warned.toString(), "$warned")
            assertEquals(emptyList(), warnings.filter { "closed" in it })
            EventStore.onWarning { warnings += it }
            closed().record("x")
            await("closed")
        }
    }
}

/** Loaded by a second class loader. */
object WarnsAlone {
    @JvmStatic
    fun warn(): String? {
        val warnings = LinkedBlockingQueue<String>()
        EventStore.onWarning { warnings += it }
        memory().apply { close() }.record("x")
        return warnings.poll(20, SECONDS)
    }
}
