package dev.tinycounter

import countCrashes
import java.io.File
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import org.junit.jupiter.api.io.TempDir

/** What needs a process of its own: crashes, and a native library that is missing or wrong. */
class ProcessTest {
    @TempDir
    private lateinit var directory: File

    /** Runs the class [main] and returns what it printed. */
    private fun run(main: Class<*>, libraries: String, vararg arguments: String, resources: File? = null): String {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val properties = mapOf(
            "tinycounter.library.path" to libraries,
            "java.library.path" to libraries,
            "tinycounter.root" to System.getProperty("tinycounter.root")
        )
        val classes = listOfNotNull(System.getProperty("java.class.path"), resources?.path).joinToString(File.pathSeparator)
        val command = listOf(java, "-cp", classes) + properties.map { (key, value) -> "-D$key=$value" } + main.name
        val output = File(directory, "output")
        val process = ProcessBuilder(command + arguments).redirectErrorStream(true).redirectOutput(output).start()
        assertTrue(process.waitFor(120, SECONDS), "it hangs")
        return output.readText()
    }

    private val libraries: String = System.getProperty("tinycounter.library.path")

    @Test
    fun `what was recorded now survives a crash that ends the process at once`() {
        repeat(3) { round ->
            val output = run(Crashes::class.java, libraries, File(directory, "store").path)
            assertTrue("crashed" in output, output)
            open(File(directory, "store")).use { store ->
                assertEquals(List(2) { round + 1L }, listOf("launch", "crash").map { store.query(it).lifetime() })
            }
        }
    }

    @Test
    fun `a warning is printed to standard error`() {
        val output = run(Warns::class.java, libraries)
        assertTrue("tiny-counter: a recording was not counted: the store is closed" in output, output)
    }

    @Test
    fun `a native library among the resources is found without a property`() {
        val resource = Library.resourcePath(System.getProperty("os.name"), System.getProperty("os.arch"))
        val resources = File(directory, "resources")
        File(libraries, System.mapLibraryName("tiny_counter")).copyTo(File(resources, resource))
        val temporary = { File(System.getProperty("java.io.tmpdir")).list().orEmpty().count { it.startsWith("tiny-counter") } }
        val before = temporary()
        val output = run(Warns::class.java, File(directory, "none").path, resources = resources)
        assertTrue("the store is closed" in output, output)
        assertEquals(before, temporary())
    }

    @Test
    fun `every system and processor has a resource of its own`() {
        val name = System.mapLibraryName("tiny_counter")
        val machines = listOf("Linux" to "amd64", "Linux" to "aarch64", "Mac OS X" to "aarch64", "Mac OS X" to "x86_64", "Windows 11" to "amd64")
        assertEquals(
            listOf("linux-x86_64", "linux-aarch64", "macos-aarch64", "macos-x86_64", "windows-x86_64").map { "/dev/tinycounter/native/$it/$name" },
            machines.map { (system, processor) -> Library.resourcePath(system, processor) }
        )
    }

    @Test
    fun `a missing native library is an error with advice at every call`() {
        val output = run(UsesLibrary::class.java, directory.path)
        assertEquals(List(6) { "NativeLibrary" }, output.lines().filter { it.startsWith("error: ") }.map { it.split(' ')[1] }, output)
        assertTrue("add the library for this system" in output, output)
    }

    @Test
    fun `a native library that is damaged is an error with advice`() {
        File(directory, System.mapLibraryName("tiny_counter")).writeText("not a library")
        val output = run(UsesLibrary::class.java, directory.path)
        assertEquals(List(6) { "NativeLibrary" }, output.lines().filter { it.startsWith("error: ") }.map { it.split(' ')[1] }, output)
    }
}

/** An app that crashes. */
object Crashes {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val store = open(File(arguments.single()))
        Thread.setDefaultUncaughtExceptionHandler { _, _ ->
            println("crashed")
            Runtime.getRuntime().halt(1)
        }
        countCrashes(store)
        store.record("launch")
        error("as the test wants it")
    }
}

/** An app that records on a closed store. */
object Warns {
    @JvmStatic
    fun main(arguments: Array<String>) {
        memory().apply { close() }.record("x")
    }
}

/** An app that tries everything that begins with the native library. */
object UsesLibrary {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val calls = listOf<() -> Any?>(
            { EventStore.inMemory() },
            { EventStore.open(File("folder")) },
            { TestClock(NOON) },
            { Limit.fromJson("{}") },
            { SinceWindow.session() },
            { EventStore.onWarning { } }
        )
        for (call in calls) {
            try {
                call()
                println("no error")
            } catch (error: EventStoreException) {
                println("error: ${error.javaClass.simpleName} ${error.message}")
            }
        }
    }
}
