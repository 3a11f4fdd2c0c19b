// What waits for the disk has an async version, and an async context uses no other one.
import Foundation
import TinyCounter

@MainActor func aTaskThatForgetsAwait(_ store: EventStore, _ limiter: Limiter, _ reservation: Reservation, _ url: URL) {
    Task {
        _ = try EventStore(directory: url) // expected-error {{unavailable from asynchronous contexts}}
        try store.persist() // expected-error {{unavailable from asynchronous contexts}}
        try store.close() // expected-error {{unavailable from asynchronous contexts}}
        try store.reopen() // expected-error {{unavailable from asynchronous contexts}}
        try store.acknowledgeLoss() // expected-error {{unavailable from asynchronous contexts}}
        try store.erase("a") // expected-error {{unavailable from asynchronous contexts}}
        try store.eraseEvents(["a"]) // expected-error {{unavailable from asynchronous contexts}}
        try store.eraseAll() // expected-error {{unavailable from asynchronous contexts}}
        try store.recordNow("a") // expected-error {{unavailable from asynchronous contexts}}
        _ = try store.export() // expected-error {{unavailable from asynchronous contexts}}
        _ = try store.export(since: Data()) // expected-error {{unavailable from asynchronous contexts}}
        _ = try store.exportParts(maxBytes: 9) // expected-error {{unavailable from asynchronous contexts}}
        _ = try store.knowledge() // expected-error {{unavailable from asynchronous contexts}}
        try store.merge(Data()) // expected-error {{unavailable from asynchronous contexts}}
        _ = try store.replicas() // expected-error {{unavailable from asynchronous contexts}}
        try store.forgetReplicas([]) // expected-error {{unavailable from asynchronous contexts}}
        _ = try limiter.checkAndRecord() // expected-error {{unavailable from asynchronous contexts}}
        _ = try limiter.reserve(for: .days(1)) // expected-error {{unavailable from asynchronous contexts}}
        try store.commitReservation(1) // expected-error {{unavailable from asynchronous contexts}}
        try store.cancelReservation(1) // expected-error {{unavailable from asynchronous contexts}}
        try reservation.commit() // expected-error {{unavailable from asynchronous contexts}}
    }
}

@MainActor func aTaskThatWaits(_ store: EventStore, _ limiter: Limiter, _ reservation: Reservation, _ url: URL) {
    Task {
        _ = try await EventStore(directory: url)
        try await store.persist()
        _ = try await limiter.checkAndRecord()
        try await reservation.commit()
    }
}

func otherCode(_ store: EventStore, _ limiter: Limiter) throws {
    try store.persist()
    _ = try limiter.checkAndRecord()
}
