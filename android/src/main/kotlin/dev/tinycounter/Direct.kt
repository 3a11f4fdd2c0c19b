package dev.tinycounter

import com.sun.jna.Native

/**
 * The one symbol that is called without the bindings, because recording by a handle is the call that apps make most: the status
 * that the bindings hand over and read back takes some fifty times as long as the recording.
 */
@Suppress("ktlint:standard:function-naming")
internal object Direct {
    init {
        // Where the bindings look for it.
        Native.register(Direct::class.java, System.getProperty("uniffi.component.tiny_counter.libraryOverride") ?: "tiny_counter")
    }

    /** 1 if the event of that number was recorded, 0 if nothing was done. */
    external fun tiny_counter_record(number: Long, count: Long): Int
}
