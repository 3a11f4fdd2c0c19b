package dev.tinycounter

import android.app.Activity
import android.app.Application
import android.content.BroadcastReceiver
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ApplicationInfo
import android.os.UserManager
import java.io.File
import java.util.concurrent.CopyOnWriteArrayList

/**
 * A phone with one app, made of the classes of Android 14 without a device. The application keeps and
 * calls its real lists of callbacks, and the context below it answers calls to the system.
 */
class Phone(private val files: File, application: Application = Application()) {
    /** The receivers that are registered, each with its actions. */
    val receivers = CopyOnWriteArrayList<Pair<BroadcastReceiver, List<String>>>()

    @Volatile
    var isUnlocked = true

    /** Called when the app asks for its folder, which reads the disk. */
    @Volatile
    var onFolder: () -> Unit = {}

    private val userManager = create<FakeUserManager>().also { it.phone = this }

    val application: Application = application.also {
        val attach = ContextWrapper::class.java.getDeclaredMethod("attachBaseContext", Context::class.java)
        attach.apply { isAccessible = true }.invoke(it, Base("user", false))
    }

    /** The folder of a store that was opened with a context. */
    fun folder(name: String = "tiny-counter", storage: String = "user") = File(files, "$storage/$name")

    fun start(activity: Activity) = dispatch("dispatchActivityStarted", activity)

    fun stop(activity: Activity) = dispatch("dispatchActivityStopped", activity)

    private fun dispatch(call: String, activity: Activity) {
        val method = Application::class.java.getDeclaredMethod(call, Activity::class.java)
        method.apply { isAccessible = true }.invoke(application, activity)
    }

    /** Sends a broadcast to the receivers that want it. */
    fun send(action: String) {
        for ((receiver, actions) in receivers) if (action in actions) receiver.onReceive(application, Intent(action))
    }

    fun unlock() {
        isUnlocked = true
        send(Intent.ACTION_USER_UNLOCKED)
    }

    /** How many lists of the application have something of the library. */
    fun callbacks(): Int = listOf("mActivityLifecycleCallbacks", "mCallbacksController").sumOf { count(field(application, it)) } + receivers.size

    private fun count(list: Any?): Int = when (list) {
        is Collection<*> -> list.size
        else -> count(field(list!!, "mComponentCallbacks") ?: emptyList<Any>())
    }

    private fun field(of: Any, name: String): Any? = generateSequence<Class<*>>(of.javaClass) { it.superclass }
        .flatMap { it.declaredFields.asSequence() }
        .first { it.name == name }
        .apply { isAccessible = true }
        .get(of)

    private inner class Base(private val storage: String, private val isProtected: Boolean) : ContextWrapper(null) {
        override fun getApplicationContext(): Context = application

        override fun getApplicationInfo() = create<ApplicationInfo>().apply { processName = MAIN }

        override fun getNoBackupFilesDir(): File {
            onFolder()
            return File(files, storage).apply { mkdirs() }
        }

        override fun isDeviceProtectedStorage() = isProtected

        override fun createDeviceProtectedStorageContext(): Context = Base("user_de", true)

        override fun getSystemServiceName(service: Class<*>): String = service.name

        override fun getSystemService(name: String): Any? = userManager.takeIf { name == UserManager::class.java.name }

        override fun registerReceiver(receiver: BroadcastReceiver?, filter: IntentFilter): Intent? {
            receivers += receiver!! to (0 until filter.countActions()).map(filter::getAction)
            return null
        }

        override fun unregisterReceiver(receiver: BroadcastReceiver?) {
            require(receivers.removeIf { it.first === receiver }) { "Receiver not registered" }
        }
    }

    class FakeUserManager : UserManager(null, null) {
        var phone: Phone? = null

        override fun isUserUnlocked(): Boolean = phone!!.isUnlocked
    }

    companion object {
        const val MAIN = "org.example.app"

        private val unsafe = Class.forName("sun.misc.Unsafe")
            .getDeclaredField("theUnsafe")
            .apply { isAccessible = true }
            .get(null) as sun.misc.Unsafe

        /** An object whose constructor did not run, because that would need a device. */
        fun create(type: Class<*>): Any = unsafe.allocateInstance(type)

        inline fun <reified T> create(): T = create(T::class.java) as T

        fun activity(isRecreated: Boolean = false): Activity {
            val activity = create<Activity>()
            Activity::class.java.getDeclaredField("mChangingConfigurations").apply { isAccessible = true }.set(activity, isRecreated)
            return activity
        }

        /** Runs [call] in a process with this name. */
        fun inProcess(name: String, call: () -> Unit) {
            val thread = Class.forName("android.app.ActivityThread")
            val bound = Class.forName("android.app.ActivityThread\$AppBindData")
            val data = create(bound).also { bound.getDeclaredField("processName").apply { isAccessible = true }.set(it, name) }
            val process = create(thread).also { thread.getDeclaredField("mBoundApplication").apply { isAccessible = true }.set(it, data) }
            val current = thread.getDeclaredField("sCurrentActivityThread").apply { isAccessible = true }
            current.set(null, process)
            try {
                call()
            } finally {
                current.set(null, null)
            }
        }
    }
}

/** Waits until [condition] holds, at most for [millis]. Returns whether it holds. */
fun eventually(millis: Long = 10_000, condition: () -> Boolean): Boolean {
    val end = System.nanoTime() + millis * 1_000_000
    while (!condition() && System.nanoTime() < end) Thread.sleep(5)
    return condition()
}
