package dev.tinycounter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole library can be used from Java: recording, questions, decisions, and sync. */
class JavaTest {
    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    private final TestClock clock = new TestClock(NOON);
    private final EventStore store = EventStore.inMemory(Tracking.STANDARD, ZoneOffset.UTC, clock);

    private static Limiter limit(EventStore store, String event, Rule... rules) {
        return store.limit(event, new Limit(List.of(rules), List.of()));
    }

    @Test
    void whatJavaRecordsIsCounted() {
        store.record("launch");
        store.record("launch", 2);
        Durations.recordAgo(store, "launch", Duration.ofDays(3));
        Durations.recordAgo(store, "launch", Duration.ofDays(4), 5);
        store.recordAt("launch", NOON.minus(Duration.ofDays(5)));
        store.event("launch").record();
        assertEquals(4, store.query("launch").today().sum());
        assertEquals(10, Durations.rolling(store.query("launch"), Duration.ofHours(96)).sum());
        assertEquals(11, store.query("launch").lastDays(7).sum());
        assertEquals(Duration.ZERO, Durations.lastSeen(store.query("launch")));
        assertEquals(Duration.ofDays(5), Durations.firstSeen(store.query("launch")));
        assertNull(Durations.lastSeen(store.query("never")));
    }

    @Test
    void aLimitOfJavaDecides() {
        Limiter prompt = limit(store, "prompt",
            Durations.atMost("prompt", 1, Duration.ofDays(7)),
            Durations.atLeast("launch", 3, Duration.ofDays(28)),
            Durations.cooldown("crash", Duration.ofDays(2)),
            new Rule.AtMost("prompt", 3, TimeUnit.YEARS));
        Decision.Refused refused = assertInstanceOf(Decision.Refused.class, prompt.check());
        assertNull(Durations.retryAfter(refused));
        store.record("launch", 3);
        assertTrue(prompt.checkAndRecord().isAllowed());
        refused = assertInstanceOf(Decision.Refused.class, prompt.checkAndRecord());
        assertEquals(Duration.ofDays(7), Durations.retryAfter(refused));
        assertEquals(Duration.ofDays(7), Durations.retryAfter(refused.getRefusals().get(0)));
        assertEquals(Duration.ofDays(7), Durations.retryAfter(prompt.explain()));
        assertEquals(Duration.ofDays(7), Durations.changesAfter(prompt.explain().getRules().get(0)));
        Durations.advance(clock, Duration.ofDays(7));
        assertTrue(prompt.isAllowed());
        assertFalse(limit(store, "prompt", Durations.within("launch", Duration.ofDays(1))).isAllowed());
    }

    @Test
    void aReservationOfJavaIsCommitted() {
        Limiter once = limit(store, "prompt", new Rule.AtMost("prompt", 1, TimeUnit.EVER));
        StoredReservation reserved =
            assertInstanceOf(StoredReservation.class, Durations.reserveFor(once, Duration.ofMinutes(10)));
        assertEquals(Duration.ofMinutes(10), Durations.expiresIn(reserved));
        assertFalse(once.isAllowed());
        store.commitReservation(reserved.getKey());
        assertEquals(1, store.query("prompt").lifetime());
    }

    @Test
    void storesOfJavaExchangeTheirCounts(@TempDir File directory) {
        store.record("launch");
        try (EventStore other = EventStore.open(directory)) {
            other.merge(store.export());
            assertEquals(List.of("launch"), other.getEvents());
            assertEquals(Map.copyOf(Tracking.STANDARD), other.getTracking());
        }
    }

    private enum Tap implements EventName {
        LAUNCH;

        @Override
        public String getEventName() {
            return "launch";
        }
    }

    @Test
    void anEnumOfJavaNamesEvents() {
        EventNames.record(store, Tap.LAUNCH, 2);
        assertEquals(2, EventNames.query(store, Tap.LAUNCH).ever().sum());
    }
}
