package dev.tinycounter

import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

class GroupTest {
    private val clock = TestClock(NOON)
    private val store = memory(clock)

    private fun Limiter.refused() = assertIs<Decision.Refused>(check())

    @Test
    fun `any of needs one of its rules, and a refusal lists them all`() {
        val prompt = store.limit("prompt") {
            atMost(1, 7.days)
            anyOf {
                within("purchase", 24.hours)
                atLeast("launch", 3, TimeUnit.DAYS)
            }
        }
        val within = Rule.Within("purchase", 24.hours)
        val launches = Rule.AtLeast("launch", 3, TimeUnit.DAYS)
        store.record("launch", 2)
        val refusal = prompt.refused().refusals.single()
        assertEquals(Rule.AnyOf(listOf(within, launches)), refusal.rule)
        assertEquals(prompt.limit.rules[1], refusal.rule)
        assertEquals(listOf(within to null, launches to 2L), refusal.branches.map { it.rule to it.count })
        assertTrue(refusal.branches.none { it.passes })
        assertNull(refusal.retryAfter)
        assertContains(refusal.text, "any of")

        store.record("launch")
        assertTrue(prompt.isAllowed())
        clock.advance(1.days)
        assertFalse(prompt.isAllowed())
        store.record("purchase")
        assertTrue(prompt.checkAndRecord().isAllowed)
        assertEquals(listOf<Rule>(Rule.AtMost("prompt", 1, RollingWindow(7.days))), prompt.refused().refusals.map { it.rule })
    }

    @Test
    fun `none of needs that no rule passes, and a refusal lists those that pass`() {
        val prompt = store.limit("prompt") {
            noneOf {
                within("complaint", 30.days)
                within("crash", 2.days)
            }
        }
        assertTrue(prompt.isAllowed())
        store.record("crash")
        val refused = prompt.refused()
        val branch = refused.refusals.single().branches.single()
        assertEquals(Rule.Within("crash", 2.days) to true, branch.rule to branch.passes)
        assertEquals(2.days + 1.milliseconds, branch.retryAfter, "until it stops passing")
        assertEquals(2.days + 1.milliseconds, refused.retryAfter)
    }

    @Test
    fun `groups nest, and each refusal names its own rule`() {
        val prompt = store.limit("prompt") {
            anyOf {
                atLeast("purchase", 1, TimeUnit.EVER)
                allOf {
                    atLeast("launch", 3, TimeUnit.EVER)
                    noneOf { within("crash", 2.days) }
                    cooldown(1.hours)
                }
            }
        }
        store.record("crash")
        val all = prompt.refused().refusals.single().branches[1]
        assertEquals(
            listOf(Rule.AtLeast("launch", 3, TimeUnit.EVER), Rule.NoneOf(listOf(Rule.Within("crash", 2.days)))),
            all.branches.map { it.rule }
        )
        assertEquals(Rule.Within("crash", 2.days), all.branches[1].branches.single().rule)
        store.record("launch", 3)
        assertEquals(2.days + 1.milliseconds, prompt.refused().retryAfter)
        store.record("purchase")
        assertTrue(prompt.checkAndRecord().isAllowed)
    }

    @Test
    fun `the rules of a group are about the limit's event if they name none`() {
        val limit = store.limit("tip") {
            anyOf {
                atMost(1, 1.days)
                cooldown(1.hours)
            }
        }
        assertEquals(
            listOf<Rule>(Rule.AnyOf(listOf(Rule.AtMost("tip", 1, RollingWindow(1.days)), Rule.Cooldown("tip", 1.hours)))),
            limit.limit.rules
        )
        assertTrue(limit.checkAndRecord().isAllowed)
        assertEquals(1.hours, limit.refused().retryAfter, "the shorter of the waits")
    }

    @Test
    fun `groups out of bounds are errors`() {
        fun nested(depth: Int): Rule = (1..depth).fold<Int, Rule>(Rule.Within("x", 1.days)) { rule, _ -> Rule.NoneOf(listOf(rule)) }
        store.limit("x", Limit(nested(4))).check()
        val rule = Rule.AtLeast("x", 0, TimeUnit.DAYS)
        store.limit("x", Limit(List(4) { Rule.AnyOf(List(16) { rule }) }, emptyList())).check()
        val invalid = listOf(
            listOf(nested(5)),
            listOf(nested(400)),
            listOf(Rule.AllOf(emptyList())),
            listOf(Rule.AnyOf(emptyList())),
            listOf(rule, Rule.NoneOf(listOf(Rule.AnyOf(emptyList()), rule))),
            listOf(Rule.AnyOf(List(65) { rule })),
            List(100_000) { rule },
            listOf(Rule.AllOf(listOf(Rule.AtMost("x", -1, TimeUnit.DAYS))))
        )
        for (rules in invalid) {
            assertFailsWith<EventStoreException.InvalidArgument>("${rules.size}") { store.limit("x", Limit(rules, emptyList())) }
        }
    }
}
