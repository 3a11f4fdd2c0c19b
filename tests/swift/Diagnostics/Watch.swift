// A watch that is not kept would stop at once.
import TinyCounter

func forgetsTheWatch(_ store: EventStore) {
    store.persistInBackground() // expected-warning {{result of call to 'persistInBackground(on:center:onError:)' is unused}}
}
