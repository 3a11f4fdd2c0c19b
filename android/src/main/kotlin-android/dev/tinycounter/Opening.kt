package dev.tinycounter

import android.app.Application
import android.content.Context
import android.os.UserManager
import java.io.File
import java.time.ZoneId

/**
 * Opens the store of the app on a thread of its own and attaches it to the life of the app: see
 * [attachTo]. It returns at once and reads no disk, so `Application.onCreate` may call it:
 *
 * ```
 * class App : Application() {
 *     lateinit var counts: AppStore
 *
 *     override fun onCreate() {
 *         super.onCreate()
 *         counts = EventStore.open(this)
 *     }
 * }
 * ```
 *
 * The files are in the folder [directory] of `noBackupFilesDir`, which no backup contains. They are
 * credential-encrypted: until the device is unlocked for the first time after it started, the store
 * cannot be opened, and then it is opened by itself. Before that, Android starts only components
 * with `directBootAware`. If these have to count, pass `createDeviceProtectedStorageContext()`:
 * that store opens before the unlock. The lock of the screen does not protect its files.
 *
 * Only the main process of the app can open the store, because one process at a time can write to a
 * folder. In another one the opening fails with [EventStoreException.Unavailable]. Such a process
 * can open a store in a folder of its own: `EventStore.open(File(noBackupFilesDir, "push"))`.
 *
 * The options are those of the other [open][EventStore.open].
 *
 * @param context any context of the app
 * @param directory the name of the folder
 * @param onFailure called, on any thread, with the error if the store cannot be opened or
 * persisted. By default the error is logged
 * @return the store, which may not be open yet
 * @throws EventStoreException.InvalidArgument if [directory] is not the name of a folder, or if
 * [context] has no application yet, for example in `Application.attachBaseContext`. The other
 * options are checked when the store is opened
 */
@JvmOverloads
public fun EventStore.Companion.open(
    context: Context,
    directory: String = "tiny-counter",
    tracking: Map<TimeUnit, Int> = emptyMap(),
    writes: Writes = Writes.BACKGROUND,
    timeZone: ZoneId? = null,
    clock: TestClock? = null,
    syncKeys: SyncKeys? = null,
    markers: List<String> = emptyList(),
    onFailure: (EventStoreException) -> Unit = ::logFailure
): AppStore {
    if (directory in listOf("", ".", "..") || directory.any { it == '/' || it == '\u0000' }) {
        throw EventStoreException.InvalidArgument("the directory has to be the name of a folder, without slashes; it is \"$directory\"", null)
    }
    val application = applicationOf(context)
    // An activity must not be kept until the device is unlocked.
    val storage = if (context.isDeviceProtectedStorage) application.createDeviceProtectedStorageContext() else application
    return AppStore(application, onFailure) {
        checkProcess(application)
        checkUnlocked(storage)
        open(File(storage.noBackupFilesDir, directory), tracking, writes, timeZone, clock, syncKeys = syncKeys, markers = markers)
    }
}

private fun applicationOf(context: Context): Application =
    context as? Application ?: context.applicationContext as? Application ?: throw EventStoreException.InvalidArgument(
        "the context has no application yet; open the store in Application.onCreate or later",
        null
    )

private fun checkProcess(application: Application) {
    val main = application.applicationInfo.processName
    val own = processName() ?: return
    if (own == main) return
    throw EventStoreException.Unavailable(
        "the store belongs to the main process $main, and this is the process $own; here, open a store in a folder of its own with " +
            "EventStore.open(File)",
        null
    )
}

private fun checkUnlocked(storage: Context) {
    if (storage.isDeviceProtectedStorage) return
    if (storage.getSystemService(UserManager::class.java)?.isUserUnlocked != false) return
    throw EventStoreException.Unavailable(
        "the device was not unlocked since it started; the store is opened when it is, or use the context of device-protected storage",
        null
    )
}
