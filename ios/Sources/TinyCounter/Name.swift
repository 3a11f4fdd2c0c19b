import Foundation

/// A name as the core compares it: by its bytes. Two strings of Swift are equal if they look the
/// same, also if one has an "é" and the other an "e" with an accent. Their counts are apart.
struct Name: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (one: Name, other: Name) -> Bool {
        isSame(one.text, other.text)
    }

    static func isSame(_ one: String, _ other: String) -> Bool {
        let same = one.utf8.withContiguousStorageIfAvailable { one in
            other.utf8.withContiguousStorageIfAvailable { other in
                guard one.count == other.count else { return false }
                guard let one = one.baseAddress, let another = other.baseAddress else { return true }
                return memcmp(one, another, other.count) == 0
            }
        }
        return (same ?? nil) ?? one.utf8.elementsEqual(other.utf8)
    }

    static func areSame(_ some: [String], _ others: [String]) -> Bool {
        some.count == others.count && zip(some, others).allSatisfy(isSame)
    }

    func hash(into hasher: inout Hasher) {
        let hashed: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if hashed == nil { text.utf8.forEach { hasher.combine($0) } }
    }
}
