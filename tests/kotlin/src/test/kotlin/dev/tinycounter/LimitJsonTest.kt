package dev.tinycounter

import java.time.DayOfWeek
import java.time.Instant
import java.time.LocalDate
import java.time.LocalTime
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

/** Limits as values and as JSON. */
class LimitJsonTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)

    @Test
    fun `one limit is asked for several events`() {
        val calm = Limit(Rule.AtMost("any_message", 2, 1.days), alsoRecord = listOf("any_message"))
        val (tip, offer) = listOf("tip", "offer").map { store.limit(it, calm) }
        assertEquals(calm, tip.limit)
        assertEquals(listOf("tip", "offer"), listOf(tip, offer).map { it.event })
        assertTrue(tip.checkAndRecord().isAllowed)
        assertTrue(offer.checkAndRecord().isAllowed)
        assertFalse(tip.isAllowed())
        assertTrue(memory().limit("tip", calm).isAllowed(), "another store")
        assertEquals(listOf(1L, 1, 2), listOf("tip", "offer", "any_message").map { store.today(it) })
    }

    @Test
    fun `limits are values`() {
        val limit = Limit(Rule.AtMost("x", 1, TimeUnit.DAYS), Rule.AnyOf(Rule.Within("y", 1.hours)), alsoRecord = listOf("z"))
        val same = Limit(
            listOf(Rule.AtMost("x", 1, TimeUnit.DAYS), Rule.AnyOf(listOf(Rule.Within("y", 3_600_000.milliseconds)))),
            listOf("z")
        )
        assertEquals(limit, same)
        assertEquals(limit.hashCode(), same.hashCode())
        assertNotEquals(limit, limit.copy(alsoRecord = emptyList()))
        assertContains(limit.toString(), "AtMost(event=x, limit=1, window=DAYS)")
        assertEquals(limit, store.limit("x", limit).limit)
        val built = store.limit("x") {
            atMost(1, TimeUnit.DAYS)
            anyOf { within("y", 1.hours) }
            alsoRecord("z")
        }
        assertEquals(limit, built.limit)
        assertTrue(Limit() == Limit(emptyList(), emptyList()) && store.limit("x", Limit()).isAllowed())
    }

    @Test
    fun `the documents of all languages come back in their canonical form`() {
        for (name in listOf("every_rule", "groups", "no_rules")) {
            val limit = Limit.fromJson(Json.rules("$name.json"))
            assertEquals(Json.rules("$name.canonical.json").trim(), limit.toJson(), name)
            assertEquals(limit, Limit.fromJson(limit.toJson()), name)
        }
        for (name in listOf("app", "no_limits", "since")) {
            val set = LimitSet.fromJson(Json.rules("$name.json"))
            assertEquals(Json.rules("$name.canonical.json").trim(), set.toJson(), name)
            assertEquals(set, LimitSet.fromJson(set.toJson()), name)
        }
    }

    @Test
    fun `every rule that can be written in Kotlin comes back from JSON`() {
        val limit = Limit(
            Rule.AtMost("a", 4_294_967_295, CalendarWindow(4_294_967_295, TimeUnit.MINUTES)),
            Rule.AtMost("a", 0, TimeUnit.SECONDS),
            Rule.AtLeast("später 🚀", 3, TimeUnit.EVER),
            Rule.AtLeast("a", 3, 1.days + 1.milliseconds),
            Rule.AtMost("a", 2, SinceWindow("später 🚀")),
            Rule.AtLeast("a", 3, SinceWindow.session()),
            Rule.AtMost("a", 4, SinceWindow.appVersion()),
            Rule.Cooldown("\"\\\n", 3_660_000.days),
            Rule.Within("", 1.milliseconds),
            Rule.During(Schedule.Hours(22, 6)),
            Rule.During(Schedule.Hours(0, 24, local = false)),
            Rule.During(Schedule.Daily(LocalTime.of(22, 30), LocalTime.MIDNIGHT)),
            Rule.OutsideOf(Schedule.Weekdays()),
            Rule.OutsideOf(Schedule.Weekends(local = false)),
            Rule.During(Schedule.DaysOfWeek(setOf(DayOfWeek.SUNDAY, DayOfWeek.MONDAY))),
            Rule.During(Schedule.Dates(LocalDate.of(1, 1, 1), LocalDate.of(9_999, 12, 31))),
            Rule.AllOf(Rule.AnyOf(Rule.NoneOf(Rule.AllOf(Rule.Within("b", 1.hours), Rule.Within("c", 1.hours))))),
            alsoRecord = listOf("x", "y")
        )
        val back = Limit.fromJson(limit.toJson())
        assertEquals(limit, back)
        assertEquals(limit.hashCode(), back.hashCode())
        assertEquals(limit.toJson(), back.toJson())
        val one = Limit(Rule.AtMost("a", 1, CalendarWindow(1, TimeUnit.DAYS)))
        assertEquals(Limit(Rule.AtMost("a", 1, TimeUnit.DAYS)), Limit.fromJson(one.toJson()))
    }

    @Test
    fun `an error names the place and what was expected`() {
        val wrong = listOf(
            """{"version": 1, "all": [{"at_most": 1, "of": "x", "within": "P7"}]}""" to "/all/0/within",
            """{"version": 1, "all": [{"any": [{"at_most": -1, "of": "x", "within": "P7D"}]}]}""" to "/all/0/any/0/at_most",
            """{"version": 1, "all": [{"at_mots": 1, "of": "x", "within": "P7D"}]}""" to "/all/0/at_mots",
            """{"version": 1}""" to "",
            "[" to ""
        )
        for ((text, place) in wrong) {
            val error = assertFailsWith<EventStoreException.InvalidRules>(text) { Limit.fromJson(text) }
            assertEquals(place, error.place, text)
            assertNull(error.event)
            assertContains(error.message!!, "expected", message = text)
        }
        val error = assertFailsWith<EventStoreException.InvalidRules> { Limit.fromJson(wrong[0].first) }
        assertEquals("/all/0/within: expected a duration such as \"P7D\", \"PT36H\" or \"P1DT12H30M\", found \"P7\"", error.message)
        assertFailsWith<EventStoreException.Incompatible> { Limit.fromJson("""{"version": 2, "all": []}""") }
        assertFailsWith<EventStoreException.Incompatible> { LimitSet.fromJson("""{"version": 2, "limits": {}}""") }
        assertFailsWith<EventStoreException.InvalidArgument> { Limit.fromJson(" ".repeat((1 shl 20) + 1)) }
    }

    @Test
    fun `a document has at most 1 MiB`() {
        val most = 1 shl 20
        fun fill(document: String, bytes: Int) = document + " ".repeat(bytes - document.toByteArray().size)
        val limit = Limit(Rule.Cooldown("x", 1.days))
        val set = LimitSet(mapOf("tip" to limit))
        assertEquals(limit, Limit.fromJson(fill(limit.toJson(), most)))
        assertEquals(set, LimitSet.fromJson(fill(set.toJson(), most)))
        assertFailsWith<EventStoreException.InvalidArgument> { Limit.fromJson(fill(limit.toJson(), most + 1)) }
        assertFailsWith<EventStoreException.InvalidArgument> { LimitSet.fromJson(fill(set.toJson(), most + 1)) }
        // Bytes of UTF-8, not characters.
        val text = "{\"version\":1,\"all\":[],\"\$schema\":\""
        val wide = text + "é".repeat((most - text.length - 2) / 2)
        assertEquals(Limit(), Limit.fromJson(fill("$wide\"}", most)))
        assertFailsWith<EventStoreException.InvalidArgument> { Limit.fromJson("${wide}é\"}") }
    }

    @Test
    fun `the documents that no language accepts have the same errors`() {
        val refused = (Json.read(Json.rules("refused.json")) as List<*>).map { it as Map<*, *> }
        for (case in refused) {
            val document = case["document"] as String
            val error = assertFailsWith<EventStoreException>(document) {
                if (case["set"] == true) LimitSet.fromJson(document) else Limit.fromJson(document)
            }
            assertEquals(case["text"], error.message)
            if (error !is EventStoreException.Incompatible) {
                assertEquals(case["place"], assertIs<EventStoreException.InvalidRules>(error, document).place)
            }
        }
        assertTrue(refused.size > 70, "${refused.size}")
    }

    @Test
    fun `a set is loaded as a whole or not at all`() {
        val tip = Limit(Rule.AtMost("tip", 1, 1.days))
        val good = LimitSet(mapOf("tip" to tip, "off/for ~now" to Limit(Rule.AtMost("x", 0, TimeUnit.EVER))))
        val text = good.toJson()
        val back = LimitSet.fromJson(text)
        assertEquals(good, back)
        assertEquals(good.hashCode(), back.hashCode())
        assertEquals<Map<String, Limit>>(mapOf("tip" to tip), LimitSet(mapOf("tip" to tip)))
        assertEquals(mapOf("tip" to tip).toString(), LimitSet(mapOf("tip" to tip)).toString())
        assertEquals(listOf("off/for ~now", "tip"), back.keys.toList())
        assertEquals(tip, back["tip"])
        assertNull(back["offer"])
        assertTrue(store.limit("tip", back.getValue("tip")).checkAndRecord().isAllowed)

        val error = assertFailsWith<EventStoreException.InvalidRules> { LimitSet.fromJson(text.replace("\"at_most\":0", "\"at_most\":-1")) }
        assertEquals("/limits/off~1for ~0now/all/0/at_most", error.place)
        assertFailsWith<EventStoreException.InvalidRules> { LimitSet.fromJson(tip.toJson()) }
        assertFailsWith<EventStoreException.InvalidRules> { Limit.fromJson(text) }
        assertFailsWith<EventStoreException.InvalidRules> { LimitSet(mapOf("" to tip)).toJson() }
    }

    @Test
    fun `a set does not change with the map that it was made of`() {
        val limits = mutableMapOf("tip" to Limit())
        val set = LimitSet(limits)
        limits.clear()
        assertEquals(setOf("tip"), set.keys)
    }

    @Test
    fun `what no document can hold is an error`() {
        val long = Limit(Rule.Within("é".repeat(513), 1.hours))
        assertEquals("/all/0/of", assertFailsWith<EventStoreException.InvalidRules> { long.toJson() }.place)
        assertFailsWith<EventStoreException.InvalidRules> { Limit(alsoRecord = listOf("x", "x")).toJson() }
        val invalid = listOf(
            Limit(Rule.AtMost("x", -1, 1.days)),
            Limit(Rule.AtMost("x", 1, CalendarWindow(0, TimeUnit.DAYS))),
            Limit(Rule.AnyOf()),
            Limit(List(65) { Rule.Within("x", 1.days) }, emptyList())
        )
        for (limit in invalid) assertFailsWith<EventStoreException.InvalidArgument>("$limit") { limit.toJson() }
    }

    @Test
    fun `a document decides as the table of all languages says`() {
        val table = Json.fixture("decisions.json")
        val rules = LimitSet.fromJson(Json.rules(table["rules"] as String))
        assertEquals("UTC", table["zone"])
        val asked = mutableSetOf<String>()
        for (step in (table["steps"] as List<*>).map { it as Map<*, *> }) {
            clock.now = Instant.parse(step["at"] as String)
            val recorded = step["record"] as String?
            if (recorded != null) {
                store.record(recorded)
                continue
            }
            val name = step["limit"] as String
            asked += name
            val decision = when (val decided = step["decide"] as String?) {
                null -> store.limit(step["ask"] as String, rules.getValue(name)).check()
                else -> store.limit(decided, rules.getValue(name)).checkAndRecord()
            }
            assertEquals(step["allowed"], decision.isAllowed, "$step")
            if (decision is Decision.Refused) assertEquals((step["retry_at"] as String?)?.let(Instant::parse), decision.retryAt, "$step")
        }
        assertEquals(rules.keys, asked)
    }

    @Test
    fun `a changed rule sees the whole history`() {
        val daily = store.limit("tip", Limit(Rule.AtMost("tip", 3, 1.days)))
        repeat(3) { assertTrue(daily.checkAndRecord().isAllowed) }
        assertFalse(daily.isAllowed())
        fun allows(rule: String) = store.limit("tip", Limit.fromJson("""{"version": 1, "all": [$rule]}""")).isAllowed()
        assertTrue(allows("""{"at_most": 4, "of": "tip", "within": "P1D"}"""))
        assertFalse(allows("""{"at_most": 3, "of": "tip", "within": {"weeks": 1}}"""))
        assertTrue(allows("""{"at_least": 3, "of": "tip", "within": "ever"}"""))
        assertIs<Decision.Refused>(daily.check())
    }
}
