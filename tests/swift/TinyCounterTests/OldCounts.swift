import Foundation
import TinyCounter

func takeOverOldCounts(store: EventStore, defaults: UserDefaults) async throws {
    let launches = defaults.integer(forKey: "launches")
    let last = Date(timeIntervalSince1970: defaults.double(forKey: "lastLaunch"))
    try await store.importOnce("defaults-v1") {
        [Occurrence("launch", at: last, count: launches)]
    }
    defaults.removeObject(forKey: "launches")  // the counts are on the disk now
}
