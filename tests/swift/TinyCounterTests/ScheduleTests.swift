import TinyCounter
import XCTest

final class ScheduleTests: StoreTestCase {
    func testTimesOfTheDayCountInMinutesAndMayRunOverMidnight() throws {
        let limit = try inMemory().limit("x")
        let night = Schedule.daily(from: TimeOfDay(22, 30), to: TimeOfDay(7))
        XCTAssertEqual(try limit.during(night).check().retryAfter, 10.5 * 3_600)
        XCTAssertTrue(try limit.outside(night).isAllowed())
        try clock.advance(by: .hours(10.5))
        XCTAssertTrue(try limit.during(night).isAllowed())
        XCTAssertEqual(try limit.outside(night).check().retryAfter, 8.5 * 3_600)
        for midnight in [TimeOfDay(0), TimeOfDay(24)] {
            let evening = try limit.during(.daily(from: TimeOfDay(18), to: midnight))
            XCTAssertTrue(evening.isAllowed())
            XCTAssertEqual(try limit.outside(.daily(from: TimeOfDay(18), to: midnight)).check().retryAfter, 1.5 * 3_600)
        }
    }

    func testDaysOfTheWeekAndDates() throws {
        // It is Tuesday, noon.
        let limit = try inMemory().limit("x")
        XCTAssertTrue(try limit.during(.daysOfWeek([.tuesday])).isAllowed())
        XCTAssertEqual(try limit.during(.daysOfWeek([.monday, .friday])).check().retryAfter, 60 * 3_600)
        XCTAssertTrue(try limit.during(.daysOfWeek(Set(Weekday.allCases))).isAllowed())
        for (index, day) in Weekday.allCases.enumerated() {
            let days = (index + 6) % 7
            let wait = days == 0 ? 0 : Double(days * 24 - 12) * 3_600
            XCTAssertEqual(try limit.during(.daysOfWeek([day])).check().retryAfter, wait, "\(day)")
        }
        let tenth = CalendarDate(2026, 3, 10)
        XCTAssertTrue(try limit.during(.dates(first: tenth, last: tenth)).isAllowed())
        let soon = Schedule.dates(first: CalendarDate(2026, 3, 12), last: CalendarDate(2026, 3, 14))
        XCTAssertEqual(try limit.during(soon).check().retryAfter, 36 * 3_600)
        let over = Schedule.dates(first: CalendarDate(2026, 2, 1), last: CalendarDate(2026, 2, 28))
        XCTAssertFalse(try limit.during(over).isAllowed())
        XCTAssertNil(try limit.during(over).check().retryAfter)
    }

    func testAScheduleIsInTheStoresZoneOrInUTC() throws {
        // 23:30 on Tuesday the tenth by UTC, 0:30 on Wednesday in Berlin.
        try clock.advance(by: .hours(11.5))
        let limit = try inMemory(.berlin).limit("x")
        let eleventh = CalendarDate(2026, 3, 11)
        let schedules: [(Bool) -> Schedule] = [
            { .daily(from: TimeOfDay(0, 15), to: TimeOfDay(0, 45), local: $0) },
            { .daysOfWeek([.wednesday], local: $0) },
            { .dates(first: eleventh, last: eleventh, local: $0) },
        ]
        for schedule in schedules {
            XCTAssertTrue(try limit.during(schedule(true)).isAllowed(), "\(schedule(true))")
            XCTAssertFalse(try limit.during(schedule(false)).isAllowed(), "\(schedule(false))")
        }
    }

    func testHoursAndDaysAreShortFormsOfTheOtherSchedules() {
        XCTAssertEqual(Schedule.hours(from: 22, to: 6), .daily(from: TimeOfDay(22), to: TimeOfDay(6)))
        XCTAssertEqual(Schedule.weekdays(local: false), .daysOfWeek([.friday, .thursday, .wednesday, .tuesday, .monday], local: false))
        XCTAssertEqual(Schedule.weekends(), .daysOfWeek([.saturday, .sunday]))
        XCTAssertEqual(Set([Schedule.weekends(), .daysOfWeek([.sunday, .saturday]), .weekends(local: false)]).count, 2)
    }

    func testSchedulesOutOfBoundsAreErrors() throws {
        let limit = try inMemory().limit("x")
        let times = [
            (TimeOfDay(7), TimeOfDay(7)), (TimeOfDay(24), TimeOfDay(7)), (TimeOfDay(7), TimeOfDay(24, 1)),
            (TimeOfDay(7, 60), TimeOfDay(8)), (TimeOfDay(-1), TimeOfDay(8)), (TimeOfDay(.min, .max), TimeOfDay(.max, .min)),
        ]
        let (first, last) = (CalendarDate(2026, 3, 1), CalendarDate(2026, 3, 31))
        let dates = [
            (last, first), (CalendarDate(2027, 2, 29), last), (CalendarDate(0, 1, 1), last), (first, CalendarDate(10_000, 1, 1)),
            (CalendarDate(.min, .min, .min), CalendarDate(.max, .max, .max)), (CalendarDate(2026, 0, 1), last),
        ]
        let schedules: [Schedule] =
            times.map { .daily(from: $0, to: $1) } + dates.map { .dates(first: $0, last: $1) } + [.daysOfWeek([])]
        for schedule in schedules {
            assert(.invalidArgument, try limit.during(schedule), "\(schedule)")
            assert(.invalidArgument, try limit.outside(schedule), "\(schedule)")
        }
    }
}
