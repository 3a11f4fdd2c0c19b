package dev.tinycounter

import android.content.SharedPreferences
import java.lang.reflect.Proxy

/** Preferences in memory, as far as the samples use them. */
class OldPreferences(val values: MutableMap<String, Long>) {
    val preferences: SharedPreferences = implement { name, arguments ->
        when (name) {
            "getLong" -> values[arguments[0]] ?: arguments[1]
            "edit" -> editor
            else -> error("not used: $name")
        }
    }

    private val editor: SharedPreferences.Editor by lazy {
        implement { name, _ ->
            when (name) {
                "clear" -> editor.also { values.clear() }
                "apply" -> null
                else -> error("not used: $name")
            }
        }
    }

    private inline fun <reified T> implement(crossinline call: (name: String, arguments: Array<Any?>) -> Any?): T =
        Proxy.newProxyInstance(T::class.java.classLoader, arrayOf(T::class.java)) { _, method, arguments ->
            call(method.name, arguments ?: emptyArray())
        } as T
}
