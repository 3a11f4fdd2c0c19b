package dev.tinycounter

/**
 * The native methods. [call] makes every call of the generated code. The others are frequent calls
 * that pass numbers only, which takes a tenth of the time. What a number stands for, and what a
 * result means, is described in `src/ffi/direct`.
 *
 * The methods are not annotated as fast ones for Android: each takes a lock, and can read the disk
 * at the first question about an event. A fast method delays the garbage collector meanwhile.
 */
internal object Direct {
    /** The result of a call that was carried out, or of a limit that allows. */
    const val DONE = 1

    /** The result of a call that did nothing, or of a limit that refuses or fails. */
    const val NOT_DONE = 0

    /** The result of [checkAndRecord] if the event is counted and could not be written. */
    const val NOT_WRITTEN = 2

    /** The result of [integer] if the answer is absent. */
    const val ABSENT = Long.MIN_VALUE

    /** The result of [integer] if there is an error, or an answer that is no integer. */
    const val NO_INTEGER = Long.MIN_VALUE + 1

    init {
        Library.load()
        // Before any other call: with another library a number stands for another function.
        Library.check(`interface`())
    }

    /**
     * Calls the function with this number. It takes its arguments and returns its result in bytes;
     * the generated code writes and reads them.
     */
    @JvmStatic
    external fun call(function: Int, arguments: ByteArray): ByteArray

    @JvmStatic
    external fun record(number: Long, count: Long): Int

    @JvmStatic
    external fun allowed(number: Long): Int

    @JvmStatic
    external fun checkAndRecord(number: Long): Int

    @JvmStatic
    external fun integer(number: Long): Long

    /** Negative infinity if the answer is absent, no number if there is an error or another answer. */
    @JvmStatic
    external fun float(number: Long): Double

    @JvmStatic
    external fun release(number: Long)

    /** The number of the interface that the library was built for. */
    @JvmStatic
    external fun `interface`(): Long
}
