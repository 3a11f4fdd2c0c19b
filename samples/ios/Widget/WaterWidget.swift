import Counting
import SwiftUI
import WidgetKit

struct WaterEntry: TimelineEntry {
    let date: Date
    let today: Int?
}

struct WaterProvider: TimelineProvider {
    func placeholder(in context: Context) -> WaterEntry { WaterEntry(date: Date(), today: 3) }

    func getSnapshot(in context: Context, completion: @escaping (WaterEntry) -> Void) {
        completion(entry())
    }

    func getTimeline(in context: Context, completion: @escaping (Timeline<WaterEntry>) -> Void) {
        let tomorrow = Calendar.current.startOfDay(for: Date()).addingTimeInterval(86_400)
        completion(Timeline(entries: [entry()], policy: .after(tomorrow)))
    }

    /// The widget has a store of its own in the group's folder, with what the app has published.
    private func entry() -> WaterEntry {
        guard let url = FileManager.default.containerURL(forSecurityApplicationGroupIdentifier: GroupFolder.group),
            let counts = try? Counts(in: GroupFolder(url), as: .widget)
        else {
            return WaterEntry(date: Date(), today: nil)
        }
        _ = try? counts.takeOver()
        let entry = WaterEntry(date: Date(), today: try? counts.summary().today)
        try? counts.close()
        return entry
    }
}

@main
struct WaterWidget: Widget {
    var body: some WidgetConfiguration {
        StaticConfiguration(kind: "water", provider: WaterProvider()) { entry in
            Text(entry.today.map { "\($0) glasses" } ?? "Open the app")
        }
        .configurationDisplayName("Water")
    }
}
