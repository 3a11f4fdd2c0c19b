package dev.tinycounter.internal

import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CharacterCodingException

/** Texts cross in UTF-8. Inside of other values their length stands before them. */
internal object FfiConverterString : FfiConverter<String, ByteBuffer> {
    override fun lift(value: ByteBuffer): String {
        val bytes = ByteArray(value.remaining())
        value.get(bytes)
        return bytes.decodeToString()
    }

    override fun lower(value: String): ByteBuffer = utf8(value)

    override fun read(buf: ByteBuffer): String {
        val bytes = ByteArray(buf.getInt())
        buf.get(bytes)
        return bytes.decodeToString()
    }

    /** A UTF-16 code unit takes at most three bytes. */
    override fun allocationSize(value: String): ULong = (Int.SIZE_BYTES + 3L * value.length).toULong()

    override fun write(value: String, buf: ByteBuffer) {
        val bytes = utf8(value)
        buf.putInt(bytes.remaining())
        buf.put(bytes)
    }

    private fun utf8(text: String): ByteBuffer = try {
        Charsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text))
    } catch (_: CharacterCodingException) {
        throw EventStoreException.InvalidArgument("the text holds an unpaired surrogate, which is no character; remove it", null)
    }
}
