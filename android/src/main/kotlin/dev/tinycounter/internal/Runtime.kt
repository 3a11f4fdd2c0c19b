package dev.tinycounter.internal

import dev.tinycounter.Direct
import java.nio.Buffer
import java.nio.ByteBuffer

// What the generated code needs to call the library. The generated code decides the names.

/** The state of a call: whether it failed, and what it returned. */
internal class UniffiRustCallStatus {
    /** Whether the library reported an error, which [answer] holds, or a failure of its own. */
    private var code: Byte = RETURNED

    var answer: ByteBuffer = NOTHING
        private set

    fun unit(function: Int, vararg arguments: Any) {
        call(function, arguments)
    }

    fun byte(function: Int, vararg arguments: Any): Byte = if (call(function, arguments)) answer.get() else 0

    fun long(function: Int, vararg arguments: Any): Long = if (call(function, arguments)) answer.getLong() else 0

    fun buffer(function: Int, vararg arguments: Any): ByteBuffer {
        call(function, arguments)
        return answer
    }

    /** Returns whether the function returned a value. */
    private fun call(function: Int, arguments: Array<out Any>): Boolean {
        var size = 0L
        for (argument in arguments) size += size(argument)
        val bytes = allocate(size.toULong())
        for (argument in arguments) {
            when (argument) {
                is Long -> bytes.putLong(argument)
                is Byte -> bytes.put(argument)
                is ByteBuffer -> bytes.putInt(argument.remaining()).put(argument)
            }
        }
        answer = ByteBuffer.wrap(Direct.call(function, bytes.array()))
        code = answer.get()
        return code == RETURNED
    }

    private fun size(argument: Any): Int = when (argument) {
        is Long -> Long.SIZE_BYTES
        is Byte -> Byte.SIZE_BYTES
        is ByteBuffer -> Int.SIZE_BYTES + argument.remaining()
        else -> throw InternalException("no argument: $argument")
    }

    /** Throws what [errors] makes of an error, if the call did not return a value. */
    fun check(errors: UniffiRustCallStatusErrorHandler<*>?) {
        when (code) {
            RETURNED -> {}
            ERROR -> throw errors?.lift(answer) ?: InternalException("an error that was not expected")
            else -> throw InternalException(if (answer.hasRemaining()) FfiConverterString.lift(answer) else "the library failed")
        }
    }

    private companion object {
        const val RETURNED: Byte = 0
        const val ERROR: Byte = 1
        val NOTHING: ByteBuffer = ByteBuffer.allocate(0)
    }
}

/** A failure that is an error of this library. */
internal class InternalException(message: String) : Exception(message)

/** Makes an exception of an error. */
internal interface UniffiRustCallStatusErrorHandler<E : Exception> {
    fun lift(error_buf: ByteBuffer): E
}

internal inline fun <Returned> uniffiRustCallWithError(
    errors: UniffiRustCallStatusErrorHandler<*>?,
    call: (UniffiRustCallStatus) -> Returned
): Returned {
    val status = UniffiRustCallStatus()
    val returned = call(status)
    status.check(errors)
    return returned
}

internal inline fun <Returned> uniffiRustCall(call: (UniffiRustCallStatus) -> Returned): Returned =
    uniffiRustCallWithError(null, call)

/** Converts a type of Kotlin to one that crosses, and writes it to bytes and reads it. */
internal interface FfiConverter<KotlinType, FfiType> {
    fun lift(value: FfiType): KotlinType

    fun lower(value: KotlinType): FfiType

    fun read(buf: ByteBuffer): KotlinType

    /** At least as many bytes as [write] writes. */
    fun allocationSize(value: KotlinType): ULong

    fun write(value: KotlinType, buf: ByteBuffer)
}

/** A type that crosses as bytes. */
internal interface FfiConverterRustBuffer<KotlinType> : FfiConverter<KotlinType, ByteBuffer> {
    override fun lift(value: ByteBuffer): KotlinType = read(value)

    override fun lower(value: KotlinType): ByteBuffer {
        val bytes = allocate(allocationSize(value))
        write(value, bytes)
        // In older versions of Android only the superclass has this function.
        (bytes as Buffer).flip()
        return bytes
    }
}

/** No JVM has a greater array. */
private const val MAX_BYTES: ULong = 0x7fff_fff7u

private fun allocate(size: ULong): ByteBuffer {
    if (size > MAX_BYTES) throw EventStoreException.InvalidArgument("the arguments take more than 2 GB", null)
    return ByteBuffer.allocate(size.toInt())
}

/** An object that holds what has to be given back. */
internal interface Disposable {
    fun destroy()

    companion object {
        fun destroy(vararg held: Any?): Unit = held.forEach(::destroyAll)

        private fun destroyAll(held: Any?) {
            when (held) {
                is Disposable -> held.destroy()
                is Iterable<*> -> held.forEach(::destroyAll)
                is Map<*, *> -> held.values.forEach(::destroyAll)
            }
        }
    }
}

/** Chooses the constructor of an object that the library returned. */
internal object UniffiWithHandle

/** Chooses the constructor of an object without a counterpart in the library. */
internal object NoHandle
