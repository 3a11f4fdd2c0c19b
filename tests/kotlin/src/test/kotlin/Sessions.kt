import dev.tinycounter.EventStore

class Sessions(private val store: EventStore) { // opened with markers = listOf("review_prompt")
    private val tip = store.limit("tip") { atMost(1, sinceSession()) }
    private val prompt = store.limit("review_prompt") {
        atLeast("launch", 3, since("review_prompt"))
        noneOf { atLeast("crash", 1, sinceAppVersion()) }
    }

    fun launched(version: String) {
        store.appVersion(version) // recorded if it differs from the last one
        store.session()
        store.record("launch")
    }

    fun tryTip(): Boolean = tip.checkAndRecord().isAllowed

    fun tryPrompt(): Boolean = prompt.checkAndRecord().isAllowed

    fun launchesSincePrompt(): Long = store.query("launch").since("review_prompt").sum() ?: 0
}
