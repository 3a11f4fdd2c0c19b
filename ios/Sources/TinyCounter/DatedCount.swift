import Foundation
internal import TinyCounterBindings

/// The count of a bucket: see ``RangeQuery/bucketsByDate``.
public struct DatedCount: Sendable, Hashable {
    /// The date on which the bucket begins: the day, a Monday, or the first day of a month or a year.
    public let date: CalendarDate
    /// The count, 0 or more.
    public let count: Int

    /// Makes a count, for the tests of an app.
    public init(date: CalendarDate, count: Int) {
        self.date = date
        self.count = count
    }
}

extension CalendarDate {
    /// The instant at which the date begins in a time zone, for a chart. Nil if there is no such date.
    public func start(in timeZone: TimeZone = .current) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = DateComponents(year: year, month: month, day: day)
        return calendar.date(from: parts).map(calendar.startOfDay(for:)).flatMap { date in
            calendar.dateComponents([.year, .month, .day], from: date) == parts ? date : nil
        }
    }
}

extension CalendarDate: CustomStringConvertible {
    /// The date as in `2026-03-10`.
    public var description: String {
        let digits = { (number: Int, count: Int) in String(repeating: "0", count: max(0, count - "\(number)".count)) + "\(number)" }
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
    }
}

extension DatedCount: CustomStringConvertible {
    /// The date and the count, as in `2026-03-10: 3`.
    public var description: String { "\(date): \(count)" }
}

extension DatedCount {
    init(_ core: TinyCounterBindings.DatedCount) {
        self.init(date: CalendarDate(core.date), count: Int(clamping: core.count))
    }
}
