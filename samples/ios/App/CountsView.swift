import Counting
import SwiftUI
import TinyCounter

struct CountsView: View {
    @Bindable var model: CountsModel

    var body: some View {
        VStack(spacing: 12) {
            Text("\(model.today) glasses today").font(.title)
            Text("Used on \(model.summary.activeDays) of the last 28 days")
            ForEach(model.summary.week, id: \.date) { day in
                Text("\(day.date.month)/\(day.date.day): \(day.count)")
            }
            Button("A glass") { model.drank() }
            Text(model.message)
        }
        .task { await model.follow() }
        .alert("Two litres a day are enough.", isPresented: $model.showsTip) {
            Button("Fine") {}
        }
    }
}
