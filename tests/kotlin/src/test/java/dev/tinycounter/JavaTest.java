package dev.tinycounter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls that the Android readme promises to Java. */
class JavaTest {
    @Test
    void anAppInJavaCountsAndAsks(@TempDir File directory) {
        TestClock clock = new TestClock(Instant.parse("2026-03-10T12:00:00Z"));
        try (EventStore store = EventStore.open(directory, Map.of(), Writes.INLINE, ZoneOffset.UTC, clock)) {
            store.record("launch");
            store.event("launch").record(2);
            store.recordAt("launch", clock.getNow().minusSeconds(60));
            assertEquals(4L, store.query("launch").lastDays(7).sum());

            List<Rule> rules = List.of(
                new Rule.AtMost("prompt", 1, TimeUnit.DAYS),
                new Rule.AtLeast("launch", 3, new CalendarWindow(4, TimeUnit.WEEKS)));
            Limit limit = Limit.fromJson(new Limit(rules, List.of()).toJson());
            Limiter prompt = store.limit("prompt", limit);
            assertTrue(prompt.checkAndRecord().isAllowed());
            Decision.Refused refused = (Decision.Refused) prompt.check();
            assertEquals(rules.get(0), refused.getRefusals().get(0).getRule());

            store.persist();
            try (EventStore other = EventStore.inMemory()) {
                assertEquals(2, other.mergeBytes(store.exportBytes()).getEventsChanged());
            }
        }
        assertThrows(EventStoreException.Storage.class, () -> EventStore.inMemory().persist());
    }
}
