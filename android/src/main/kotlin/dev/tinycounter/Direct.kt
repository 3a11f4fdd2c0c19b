package dev.tinycounter

/**
 * Calls that pass numbers only, as native methods of the JVM. The bindings pass a status with each
 * call and texts in buffers, which takes a hundred times as long. What a number stands for, and
 * what a result means, is described in `src/ffi/direct`.
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
        Library.bind(Direct::class.java)
    }

    /**
     * The number of the event [name], or 0 if the bindings have to be asked for it. Each call
     * returns another number.
     */
    fun event(store: Long, name: String): Long {
        if (name.length > MAX_UNITS) return 0
        fun word(number: Int): Long {
            var word = 0L
            for (at in 4 * number until 4 * number + 4) word = word shl 16 or if (at < name.length) name[at].code.toLong() else 0
            return word
        }
        return event(
            store, name.length,
            word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7),
            word(8), word(9), word(10), word(11), word(12), word(13), word(14), word(15)
        )
    }

    /** As many UTF-16 code units as 16 words hold. */
    private const val MAX_UNITS = 64

    @JvmStatic
    private external fun event(
        store: Long, length: Int,
        a: Long, b: Long, c: Long, d: Long, e: Long, f: Long, g: Long, h: Long,
        i: Long, j: Long, k: Long, l: Long, m: Long, n: Long, o: Long, p: Long
    ): Long

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
