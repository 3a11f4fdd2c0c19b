package dev.tinycounter

import dev.tinycounter.internal.INTERFACE
import java.io.File
import java.io.InputStream
import java.util.StringTokenizer

/**
 * The native library. Android finds it inside of the app. A JVM finds it in one of the folders of
 * the properties `tinycounter.library.path` and `java.library.path`, or as a resource.
 */
internal object Library {
    private const val NAME = "tiny_counter"

    fun load() {
        val file = named()
        if (file != null) return load(file)
        try {
            System.loadLibrary(NAME)
        } catch (error: UnsatisfiedLinkError) {
            load(resource() ?: throw error)
        }
    }

    private fun load(file: File) {
        try {
            System.load(file.path)
        } catch (error: UnsatisfiedLinkError) {
            // The JVM loads a file for one class loader only. Another one gets a copy.
            if ("another classloader" !in error.message.orEmpty()) throw error
            System.load(file.inputStream().use(::temporary).path)
        }
    }

    /** The file of the library in one of the folders of the properties. */
    private fun named(): File? {
        val name = System.mapLibraryName(NAME)
        for (property in arrayOf("tinycounter.library.path", "java.library.path")) {
            val folders = StringTokenizer(System.getProperty(property) ?: "", File.pathSeparator)
            while (folders.hasMoreTokens()) {
                val file = File(folders.nextToken(), name).absoluteFile
                if (file.isFile) return file
            }
        }
        return null
    }

    /** A copy of the library among the resources, if there is one for this machine. */
    private fun resource(): File? {
        val path = resourcePath(System.getProperty("os.name"), System.getProperty("os.arch"))
        return Library::class.java.getResourceAsStream(path)?.use(::temporary)
    }

    /** The resource for a machine: `native/linux-x86_64/libtiny_counter.so`, beside this class. */
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
        return "native/$os-$cpu/${System.mapLibraryName(NAME)}"
    }

    /** A file that is removed when the process ends. */
    private fun temporary(library: InputStream): File = File.createTempFile("tiny-counter", System.mapLibraryName(NAME)).apply {
        deleteOnExit()
        outputStream().use { library.copyTo(it) }
    }

    /** Throws if the library was built for other bindings: its functions would get wrong arguments. */
    fun check(built: Long = Direct.`interface`()) {
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
        val reason = generateSequence<Throwable>(error) { it.cause }.mapNotNull { it.message }.lastOrNull() ?: error.toString()
        return EventStoreException.NativeLibrary(
            "the native library $NAME cannot be used (${reason.lineSequence().first().removeSuffix(":")}); add the library for this " +
                "system and processor to the app, of the same version as the Kotlin code",
            error
        )
    }
}
