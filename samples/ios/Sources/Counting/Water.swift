import TinyCounter

/// What the app counts.
enum Water: String, EventID {
    case glass, launch, failure
    case tip = "tip_shown"
}
