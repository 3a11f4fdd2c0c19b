package dev.tinycounter

import dev.tinycounter.internal.INTERFACE
import java.io.File
import java.io.InputStream
import java.nio.file.Files
import java.util.StringTokenizer

/**
 * The native library. Android finds it inside of the app. A JVM finds it in one of the folders of the
 * property `tinycounter.library.path`, as a resource, or in one of `java.library.path`.
 */
internal object Library {
    private const val NAME = "tiny_counter"

    fun load() {
        val file = inFolders("tinycounter.library.path")
        when {
            file != null -> load(file)
            System.getProperty("java.vm.name") == "Dalvik" || !loadResource() -> loadByName()
        }
    }

    private fun loadByName() {
        try {
            System.loadLibrary(NAME)
        } catch (error: UnsatisfiedLinkError) {
            load(inFolders("java.library.path") ?: throw error)
        }
    }

    private fun load(file: File) {
        try {
            System.load(file.path)
        } catch (error: UnsatisfiedLinkError) {
            // The JVM loads a file for one class loader only. Another one gets a copy.
            if (!error.message.orEmpty().contains("another classloader", ignoreCase = true)) throw error
            file.inputStream().use(::loadCopy)
        }
    }

    /** The file of the library in one of the folders of a property. */
    private fun inFolders(property: String): File? {
        val folders = StringTokenizer(System.getProperty(property) ?: "", File.pathSeparator)
        while (folders.hasMoreTokens()) {
            val file = File(folders.nextToken(), System.mapLibraryName(NAME)).absoluteFile
            if (file.isFile) return file
        }
        return null
    }

    /** Loads the library from the resources. Returns whether there is one for this machine. */
    private fun loadResource(): Boolean {
        val path = resourcePath(System.getProperty("os.name"), System.getProperty("os.arch"))
        val library = Library::class.java.getResourceAsStream(path) ?: return false
        library.use(::loadCopy)
        return true
    }

    /** The resource for a machine: `/dev/tinycounter/native/linux-x86_64/libtiny_counter.so`. */
    fun resourcePath(system: String, processor: String): String {
        val os = when {
            system.startsWith("Mac") -> "macos"
            system.startsWith("Windows") -> "windows"
            else -> "linux"
        }
        val cpu = when (processor) {
            "amd64" -> "x86_64"
            "arm64" -> "aarch64"
            else -> processor
        }
        return "/dev/tinycounter/native/$os-$cpu/${System.mapLibraryName(NAME)}"
    }

    /** Loads the library from a file that only this user can write. */
    private fun loadCopy(library: InputStream) {
        val file = Files.createTempFile("tiny-counter", System.mapLibraryName(NAME)).toFile()
        try {
            file.outputStream().use { library.copyTo(it) }
            System.load(file.path)
        } finally {
            // Windows keeps the file of a loaded library.
            if (!file.delete()) file.deleteOnExit()
        }
    }

    /** Throws if the library was built for other bindings: its functions would get wrong arguments. */
    fun check(built: Long) {
        if (built != INTERFACE) {
            throw EventStoreException.NativeLibrary(
                "the native library $NAME does not belong to this Kotlin code; build both from the same version of tiny-counter",
                null
            )
        }
    }

    /** What the app is told if the library, or a function of it, cannot be found. */
    fun failure(error: LinkageError): EventStoreException.NativeLibrary {
        // A class that could not be initialised says so first, and why in its causes.
        val causes = generateSequence<Throwable>(error) { it.cause }
        causes.filterIsInstance<EventStoreException.NativeLibrary>().firstOrNull()?.let { return it }
        val reason = causes.mapNotNull { it.message }.lastOrNull() ?: error.toString()
        return EventStoreException.NativeLibrary(
            "the native library $NAME cannot be used (${reason.lineSequence().first().removeSuffix(":")}); add the library for this " +
                "system and processor to the app, of the same version as the Kotlin code",
            error
        )
    }
}
