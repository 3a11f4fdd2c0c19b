// See SwiftUI.swift.
@propertyWrapper public struct Query {
    public var wrappedValue: Int
    public init(wrappedValue: Int) { self.wrappedValue = wrappedValue }
}
