import Foundation

/// The folder of the app group, which the app and its widget can read and write.
///
/// A store belongs to one process, so each has a store of its own here. They exchange their counts as
/// files: each writes its own file and reads that of the other.
public struct GroupFolder: Sendable {
    /// A process that counts.
    public enum Process: String, CaseIterable, Sendable {
        case app, widget
    }

    /// The name of the group, which both targets have to declare.
    public static let group = "group.app.water"

    private let url: URL

    public init(_ url: URL) {
        self.url = url
    }

    func store(of process: Process) -> URL {
        url.appendingPathComponent("counts-\(process.rawValue)", isDirectory: true)
    }

    func export(of process: Process) -> URL {
        url.appendingPathComponent("export-\(process.rawValue)")
    }
}
