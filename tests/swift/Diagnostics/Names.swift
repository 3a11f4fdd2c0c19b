// TinyCounter has no name of its neighbours, so an app can write both without the names of the modules.
import SwiftData
import SwiftUI
import TinyCounter

struct Screen {
    @Query var items = 0
    let window = Window()
    let week: TimeWindow = .days(7)
    let taps: EventQuery

    init(store: EventStore) {
        taps = store.query("tap")
    }
}
