package app.reading

import dev.tinycounter.EventName

/** What the app counts. */
enum class Reading(override val eventName: String) : EventName {
    LAUNCHED("launched"),
    FINISHED("article_finished"),
    FAILED("article_failed"),
    REVIEW("review_prompt")
}
