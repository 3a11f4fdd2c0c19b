import Observation

/// What the screen of the app shows and does. The counts that it shows are read in `act`, except for those of
/// today, which `follow` keeps right.
@MainActor @Observable
public final class CountsModel {
    public private(set) var summary = Summary()
    /// The glasses of today.
    public private(set) var today = 0
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

    /// Follows the count of today until its task is cancelled, which SwiftUI does with the task of a view.
    public func follow() async {
        do {
            for try await glasses in counts.glassesToday() { today = glasses ?? 0 }
        } catch {
            message = "\(error)"
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
