package dev.tinycounter.internal

import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CodingErrorAction

/** Texts cross in UTF-8. Inside of other values their length stands before them. */
internal object FfiConverterString : FfiConverter<String, ByteBuffer> {
    override fun lift(value: ByteBuffer): String {
        val bytes = ByteArray(value.remaining())
        value.get(bytes)
        return String(bytes, Charsets.UTF_8)
    }

    override fun lower(value: String): ByteBuffer = utf8(value)

    override fun read(buf: ByteBuffer): String {
        val bytes = ByteArray(buf.getInt())
        buf.get(bytes)
        return String(bytes, Charsets.UTF_8)
    }

    /** A UTF-16 code unit takes at most three bytes. */
    override fun allocationSize(value: String): ULong = (Int.SIZE_BYTES + 3L * value.length).toULong()

    override fun write(value: String, buf: ByteBuffer) {
        val bytes = utf8(value)
        buf.putInt(bytes.remaining())
        buf.put(bytes)
    }

    /** U+FFFD takes the place of an unpaired surrogate, as in Swift. */
    private fun utf8(text: String): ByteBuffer = Charsets.UTF_8.newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .replaceWith(REPLACEMENT)
        .encode(CharBuffer.wrap(text))

    private val REPLACEMENT = byteArrayOf(0xEF.toByte(), 0xBF.toByte(), 0xBD.toByte())
}
