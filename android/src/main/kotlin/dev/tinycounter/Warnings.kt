package dev.tinycounter

import dev.tinycounter.internal.UniffiLib
import dev.tinycounter.internal.WarningHandler
import dev.tinycounter.internal.onWarning
import dev.tinycounter.internal.uniffiCallbackInterfaceWarningHandler

/** Lets the native library call [handler] for warnings: see [EventStore.onWarning]. */
internal fun setWarningHandler(handler: (String) -> Unit) {
    Library.check()
    uniffiCallbackInterfaceWarningHandler.register(UniffiLib)
    onWarning(CarefulHandler(handler))
}

/** The native library must not see what the app's code throws. */
private class CarefulHandler(private val handler: (String) -> Unit) : WarningHandler {
    override fun onWarning(text: String) {
        try {
            handler(text)
        } catch (error: Throwable) {
            error.printStackTrace()
        }
    }
}
