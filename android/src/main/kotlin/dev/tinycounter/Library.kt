package dev.tinycounter

import com.sun.jna.FunctionMapper
import com.sun.jna.Library as JnaLibrary
import com.sun.jna.Native
import com.sun.jna.NativeLibrary
import com.sun.jna.Platform
import dev.tinycounter.internal.INTERFACE

/**
 * The native library. The bindings load it by JNA. [Direct] needs it loaded by the JVM too, from
 * the same file, so that the process has one image of it.
 */
internal object Library {
    private const val NAME = "tiny_counter"

    /** The name or path that the bindings use. */
    private val name: String get() = System.getProperty("uniffi.component.$NAME.libraryOverride") ?: NAME

    /** Binds the native methods of [methods], the class of [Direct]. */
    fun bind(methods: Class<*>) {
        try {
            load()
        } catch (_: UnsatisfiedLinkError) {
            // The JVM loads a file for one class loader only. JNA does not mind a second one; its
            // calls take longer.
            val symbols = FunctionMapper { _, method -> symbol(method.name) }
            Native.register(methods, NativeLibrary.getInstance(name, mapOf(JnaLibrary.OPTION_FUNCTION_MAPPER to symbols)))
        }
    }

    private fun load() {
        // Android looks for a library by its name inside of the app, and JNA gets the same one.
        val file = if (Platform.isAndroid()) null else NativeLibrary.getInstance(name).file?.absoluteFile
        if (file != null && file.isFile) System.load(file.path) else System.loadLibrary(NAME)
    }

    private fun symbol(method: String): String =
        "tiny_counter_" + method.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() }

    /** Throws if the library was built for other bindings: its functions would get wrong arguments. */
    fun check(built: Long = Direct.`interface`()) {
        if (built != INTERFACE) {
            throw EventStoreException.NativeLibrary(
                "the native library $name does not belong to this Kotlin code; build both from the same version of tiny-counter",
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
                "system and processor to the app, of the same version as the Kotlin code, and JNA beside it",
            error
        )
    }
}
