import Counting
import SwiftUI
import TinyCounter

@main
struct WaterApp: App {
    @Environment(\.scenePhase) private var phase
    @State private var model: CountsModel?
    @State private var watch: PersistenceWatch?
    @State private var failure = ""

    var body: some Scene {
        WindowGroup {
            if let model {
                CountsView(model: model)
            } else {
                Text(failure).onAppear(perform: open)
            }
        }
        .onChange(of: phase) {
            if phase == .active { model?.returned() }
        }
    }

    private func open() {
        do {
            guard let url = FileManager.default.containerURL(forSecurityApplicationGroupIdentifier: GroupFolder.group) else {
                failure = "The app group is missing."
                return
            }
            let counts = try Counts(in: GroupFolder(url), as: .app)
            watch = counts.persistInBackground()
            model = CountsModel(counts)
        } catch {
            failure = "\(error)"
        }
    }
}
