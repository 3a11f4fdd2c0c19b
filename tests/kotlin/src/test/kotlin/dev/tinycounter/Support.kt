package dev.tinycounter

import java.io.File
import java.time.Instant
import java.time.ZoneId
import java.time.ZoneOffset

/** Tuesday, noon. */
val NOON: Instant = Instant.parse("2026-03-10T12:00:00Z")

val UTC: ZoneId = ZoneOffset.UTC

/** A store in memory at noon. */
fun memory(clock: TestClock = TestClock(NOON), zone: ZoneId = UTC, tracking: Map<TimeUnit, Int> = emptyMap()) =
    EventStore.inMemory(tracking, zone, clock)

/** A store in [directory] at noon. */
fun open(directory: File, clock: TestClock = TestClock(NOON), zone: ZoneId = UTC, writes: Writes = Writes.BACKGROUND) =
    EventStore.open(directory, timeZone = zone, clock = clock, writes = writes)

/** The count of an event today, 0 if it is not known. */
fun EventStore.today(event: String): Long = query(event).lastDays(1).sum() ?: 0

val repository = File(System.getProperty("tinycounter.root"))
