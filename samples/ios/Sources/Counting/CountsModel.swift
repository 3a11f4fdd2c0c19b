import Observation

/// What the screen of the app shows and does. The counts that it shows are read in `act` only.
@MainActor @Observable
public final class CountsModel {
    public private(set) var summary = Summary()
    public private(set) var message = ""
    public var showsTip = false

    private let counts: Counts

    public init(_ counts: Counts) {
        self.counts = counts
        act { $0.launched() }
    }

    public func drank() {
        act { counts in
            counts.drank()
            showsTip = try counts.mayShowTip()
            try counts.publish()  // the widget shows it
        }
    }

    /// When the app comes to the screen: the widget may have counted.
    public func returned() {
        act { try $0.takeOver() }
    }

    private func act(_ action: (Counts) throws -> Void) {
        do {
            try action(counts)
            summary = try counts.summary()
        } catch {
            message = "\(error)"
        }
    }
}
