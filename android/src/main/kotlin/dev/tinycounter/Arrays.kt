package dev.tinycounter

import java.util.Collections

// A spread into `listOf`, and `toList` of an array, make a JVM load everything that Kotlin has for
// arrays. In a new process that takes longer than the question itself.

/** [first] and the others in one list. */
internal fun <T> listOfAll(first: T, further: Array<out T>): List<T> =
    if (further.isEmpty()) Collections.singletonList(first) else listOfAll(further).apply { add(0, first) }

/** A list with the elements of an array. */
internal fun <T> listOfAll(elements: Array<out T>): MutableList<T> {
    val list = ArrayList<T>(elements.size + 1)
    for (element in elements) list.add(element)
    return list
}
