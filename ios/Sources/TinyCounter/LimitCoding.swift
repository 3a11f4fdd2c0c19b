import Foundation

// A `Decoder` gives values, not text. They become the text that the core reads, so there is one
// reader of rules for all languages.

extension Limit: Codable {
    /// Decodes a limit from the form that ``init(json:)`` reads.
    ///
    /// A member that stands twice in an object, a number with an exponent, `-0`, a document of more
    /// than 1 MiB that has mostly white space, and what else a `Decoder` accepts or does not show,
    /// for example a comma after the last element, are errors of ``init(json:)`` only.
    ///
    /// - Throws: `DecodingError.dataCorrupted` for what ``init(json:)`` does not read. The
    ///   ``EventError`` is its underlying error, and its coding path leads to what is wrong.
    public init(from decoder: any Decoder) throws {
        self = try decoded(from: decoder, Limit.init(json:))
    }

    /// Encodes the limit in the form that ``json()`` returns.
    ///
    /// - Throws: `EncodingError.invalidValue` if there is no such form. The ``EventError`` is its
    ///   underlying error.
    public func encode(to encoder: any Encoder) throws {
        try TinyCounter.encode(self, as: json, to: encoder)
    }
}

extension LimitSet: Codable {
    /// Decodes a set from the form that ``init(json:)`` reads.
    ///
    /// - Throws: the same errors as the initializer of ``Limit``.
    public init(from decoder: any Decoder) throws {
        self = try decoded(from: decoder, LimitSet.init(json:))
    }

    /// Encodes the set in the form that ``json()`` returns.
    ///
    /// - Throws: the same errors as ``Limit``.
    public func encode(to encoder: any Encoder) throws {
        try TinyCounter.encode(self, as: json, to: encoder)
    }
}

private func decoded<Value>(from decoder: any Decoder, _ read: (String) throws(EventError) -> Value) throws -> Value {
    let text = String(decoding: try JSONEncoder().encode(JSONValue(from: decoder)), as: UTF8.self)
    do {
        return try read(text)
    } catch {
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath + error.path, debugDescription: error.reason, underlyingError: error))
    }
}

private func encode<Value>(_ value: Value, as json: () throws(EventError) -> String, to encoder: any Encoder) throws {
    let text: String
    do {
        text = try json()
    } catch {
        throw EncodingError.invalidValue(
            value,
            EncodingError.Context(codingPath: encoder.codingPath, debugDescription: error.reason, underlyingError: error))
    }
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)).encode(to: encoder)
}

extension EventError {
    /// The place in a document as a coding path.
    fileprivate var path: [any CodingKey] {
        guard case .invalidRules(_, let place) = self else { return [] }
        return place.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { part in
            // RFC 6901: `~1` is a slash, and `~0` a tilde.
            Key(part.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~"))
        }
    }
}

private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { Int(stringValue) }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.init(stringValue) }
    init(intValue: Int) { self.init(String(intValue)) }
}

/// Any value of JSON.
private enum JSONValue: Codable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let boolean = try? value.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .boolean(let boolean): try value.encode(boolean)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let object): try value.encode(object)
        }
    }
}
