package dev.tinycounter

import com.sun.jna.Native

/**
 * The symbol that is called without the bindings. Recording by a handle is the most frequent call,
 * and the status that the bindings pass with a call takes about fifty times as long as the
 * recording.
 */
@Suppress("ktlint:standard:function-naming")
internal object Direct {
    init {
        // The library that the bindings load.
        Native.register(Direct::class.java, System.getProperty("uniffi.component.tiny_counter.libraryOverride") ?: "tiny_counter")
    }

    /** Records the event with this number. Returns 1, or 0 if nothing was recorded. */
    external fun tiny_counter_record(number: Long, count: Long): Int
}
