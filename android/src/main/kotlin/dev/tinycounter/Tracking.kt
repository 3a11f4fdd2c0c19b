package dev.tinycounter

/** Units to track, for the parameter `tracking` of [EventStore.open]. */
public object Tracking {
    /** 60 minutes, 72 hours, 56 days, 52 weeks, 12 months and 4 years: what a store tracks by default. */
    @JvmField
    public val STANDARD: Map<TimeUnit, Int> = mapOf(
        TimeUnit.MINUTES to 60,
        TimeUnit.HOURS to 72,
        TimeUnit.DAYS to 56,
        TimeUnit.WEEKS to 52,
        TimeUnit.MONTHS to 12,
        TimeUnit.YEARS to 4
    )

    /** 60 minutes and 72 hours: for limits of some hours. */
    @JvmField
    public val RATE_LIMITING: Map<TimeUnit, Int> = mapOf(TimeUnit.MINUTES to 60, TimeUnit.HOURS to 72)

    /** 56 days, 52 weeks and 12 months: for questions about usage. */
    @JvmField
    public val ANALYTICS: Map<TimeUnit, Int> = mapOf(TimeUnit.DAYS to 56, TimeUnit.WEEKS to 52, TimeUnit.MONTHS to 12)
}
