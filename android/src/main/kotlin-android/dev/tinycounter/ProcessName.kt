package dev.tinycounter

import android.annotation.SuppressLint
import android.app.Application
import java.io.File
import java.io.IOException

/** The name of this process, or null if it is not known. It does not read the disk. */
@SuppressLint("NewApi")
internal fun processName(): String? = try {
    Application.getProcessName()
} catch (_: NoSuchMethodError) {
    // Before Android 9. The system keeps this file in memory.
    try {
        processNameOf(File("/proc/self/cmdline").readText())
    } catch (_: IOException) {
        null
    }
}

/** The name in the command line of a process, which ends at the first NUL character. */
internal fun processNameOf(commandLine: String): String? = commandLine.substringBefore('\u0000').ifEmpty { null }
