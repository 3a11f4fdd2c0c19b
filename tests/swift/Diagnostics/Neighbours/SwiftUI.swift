// Stands for the frameworks of Apple that apps import beside TinyCounter: public names of theirs that are short
// and common. If TinyCounter had one of them too, an app that imports both could not write it.
public struct Window {
    public init() {}
}
