import Foundation
internal import TinyCounterBindings

#if canImport(os)
internal import os
#endif

extension EventStore {
    /// Passes the warnings of all stores of the process to `handler`, for example to a crash
    /// reporter: recordings that were not counted, writes that failed, stored counts that are
    /// damaged. Another call replaces the handler. In any case warnings go to the system's log,
    /// with the subsystem `tiny-counter`; on Linux to standard error.
    ///
    /// The handler gets an English text, which names no event. A thread of its own calls it, some
    /// time after the warning arose, with one warning after another. It may call a store, and it
    /// may take as long as it likes: no call of a store waits for it. Up to 64 warnings wait; of
    /// further ones only the number is passed. Warnings that the handler causes itself are not
    /// passed to it.
    ///
    /// ```swift
    /// EventStore.onWarning { text in crashReporter.log(text) }
    /// ```
    public static func onWarning(_ handler: @escaping @Sendable (String) -> Void) {
        Warnings.handler.with { $0 = handler }
        Warnings.start()
    }
}

/// The warnings of the process: for the system's log and for the app's handler.
enum Warnings {
    fileprivate static let handler = Locked<(@Sendable (String) -> Void)?>(nil)

    private static let forwarder: Void = {
        let warnings = TinyCounterBindings.Warnings.take()
        let thread = Thread {
            while let text = warnings.next() { forward(text) }
        }
        thread.name = "tiny-counter warnings"
        thread.qualityOfService = .utility
        thread.start()
    }()

    /// Begins to forward warnings. Calling it again does nothing.
    static func start() {
        forwarder
    }

    #if canImport(os)
    private static let log = OSLog(subsystem: "tiny-counter", category: "warnings")
    #endif

    /// On Linux the library writes them to standard error itself.
    private static func forward(_ text: String) {
        #if canImport(os)
        os_log("%{public}@", log: log, type: .error, text)
        #endif
        handler.with { $0 }?(text)
    }
}
