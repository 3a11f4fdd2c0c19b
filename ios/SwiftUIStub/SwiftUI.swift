// The part of SwiftUI that ios/Sources uses, so that code for it is type-checked on Linux.
// Isolation is declared as in Apple's framework. Nothing is drawn.

public protocol ObservableObject: AnyObject {}

@propertyWrapper public struct Published<Value> {
    public var wrappedValue: Value
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

public protocol DynamicProperty {
    mutating func update()
}

extension DynamicProperty {
    public mutating func update() {}
}

@propertyWrapper public struct StateObject<ObjectType: ObservableObject>: DynamicProperty {
    private let thunk: () -> ObjectType
    public init(wrappedValue thunk: @autoclosure @escaping () -> ObjectType) { self.thunk = thunk }
    @MainActor public var wrappedValue: ObjectType { thunk() }
}

// Stands for the public names that apps import beside TinyCounter. If TinyCounter had one of them
// too, an app that imports both could not write it.
public struct Window {
    public init() {}
}
