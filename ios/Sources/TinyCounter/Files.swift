import Foundation
internal import TinyCounterBindings

/// What the initialiser of ``EventStore`` does if the files cannot be read now.
///
/// By default the files of an app cannot be read after a reboot until the device is unlocked. The
/// system can start an app before that: for a silent push, a background task, or to have it ready.
public enum WhenUnavailable: Sendable, Hashable {
    /// Throws ``EventError/unavailable(reason:event:)``.
    case fail
    /// Returns a closed store. Its calls answer as those of any closed store: recordings are not
    /// counted, which is a warning, `isAllowed()` is false, and other calls throw
    /// ``EventError/closed(reason:)``. `reopen()` opens it, which
    /// ``EventStore/persistInBackground(on:center:onError:)`` does as soon as the files can be
    /// read.
    case stayClosed
}

/// The folder of a store, and the file that tells it from a copy.
struct Files: Sendable {
    let directory: URL
    let identity: URL?
    let writes: Writes

    /// Opens the folder. Returns the core and whether it is open.
    func open(
        _ options: Options, _ whenUnavailable: WhenUnavailable
    ) throws(EventError) -> (TinyCounterBindings.EventStore, isOpen: Bool) {
        Warnings.start()
        for url in [directory, identity ?? directory] where !url.isFileURL {
            throw .invalidArgument(reason: "invalid URL \(url): use a file URL")
        }
        do {
            let core = try crossing {
                try TinyCounterBindings.EventStore.open(directory: directory.path, writes: writes.core, options: options)
            }
            excludeFromBackups()
            return (core, true)
        } catch .unavailable where whenUnavailable == .stayClosed {
            let core = try crossing {
                try TinyCounterBindings.EventStore.closed(directory: directory.path, writes: writes.core, options: options)
            }
            return (core, false)
        }
    }

    /// Excludes the folder from backups, or the identity if there is one.
    func excludeFromBackups() {
        Files.exclude(identity ?? directory)
    }

    /// A failure does not affect the counts, and the next opening tries again.
    static func exclude(_ url: URL, by set: (URL) throws -> Void = setExcluded) {
        do {
            try set(url)
        } catch {
            reportWarning(text: "could not exclude the files of the store from backups: \(error.localizedDescription)")
        }
    }

    private static func setExcluded(_ url: URL) throws {
        var url = url
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try url.setResourceValues(values)
    }
}
