/*
 * What the app of samples/android uses of androidx.activity, which exists for Android only. It lets a JVM's build compile
 * the app. Nothing of it runs.
 */
package androidx.activity

import android.app.Activity
import androidx.lifecycle.ViewModel
import androidx.lifecycle.ViewModelProvider
import androidx.lifecycle.viewmodel.CreationExtras

open class ComponentActivity : Activity()

@Suppress("UNUSED_PARAMETER")
inline fun <reified T : ViewModel> ComponentActivity.viewModels(
    noinline extrasProducer: (() -> CreationExtras)? = null,
    noinline factoryProducer: (() -> ViewModelProvider.Factory)? = null
): Lazy<T> = lazy { error("a stand-in") }
