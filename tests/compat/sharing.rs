//! A store that several threads or tasks share.

use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::thread;

use crate::counter::{EventStore, TimeUnit};

#[test]
fn threads_share_a_store_in_an_arc() {
    let store = Arc::new(EventStore::new());
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let store = Arc::clone(&store);
            thread::spawn(move || {
                for _ in 0..50 {
                    store.record("tick");
                    store.record(format!("thread:{number}"));
                }
                let query = store.query(format!("thread:{number}"));
                query.ever().sum()
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Some(50));
    }
    assert_eq!(store.query("tick").ever().sum(), Some(200));
    let ask = {
        let store = store.clone();
        move |name: &str| store.query(name).ever().sum()
    };
    let answer = thread::spawn(move || ask("tick")).join().unwrap();
    assert_eq!(answer, Some(200));
    assert!(Arc::into_inner(store).is_some(), "no thread holds the store any more");
}

#[test]
fn scoped_threads_borrow_a_store_and_take_queries_along() {
    let store = EventStore::new();
    let won = thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let limit = store.limit().at_most("seat", 3, TimeUnit::Years);
                scope.spawn(|| limit.reserve("seat").map(|seat| seat.commit()).is_ok())
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(won, 3);
    let range = store.query("seat").last_days(2);
    let counted = thread::scope(|scope| scope.spawn(move || range.sum()).join().unwrap());
    assert_eq!(counted, Some(3));
}

static STORE: OnceLock<EventStore> = OnceLock::new();

fn store() -> &'static EventStore {
    STORE.get_or_init(EventStore::new)
}

fn track(event: &'static str) {
    store().record(event);
}

#[test]
fn the_whole_program_shares_a_static_store() {
    let query = store().query("started");
    track("started");
    let limit = store().limit().at_most("started", 2, TimeUnit::Years);
    let threads = [thread::spawn(|| track("started")), thread::spawn(|| track("stopped"))];
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(thread::spawn(move || query.ever().sum()).join().unwrap(), Some(2));
    assert!(thread::spawn(move || limit.check("started")).join().unwrap().is_err());
    assert_eq!(store().query_many(&["started", "stopped"]).ever().sum(), Some(3));
}

thread_local! {
    static OF_THREAD: EventStore = EventStore::new();
}

#[test]
fn a_store_stands_behind_a_lock_or_in_a_thread_local() {
    let shared = Arc::new(Mutex::new(EventStore::new()));
    let other = Arc::clone(&shared);
    thread::spawn(move || other.lock().unwrap().record_count("x", 2)).join().unwrap();
    shared.lock().unwrap().record("x");
    assert_eq!(shared.lock().unwrap().query("x").ever().sum(), Some(3));
    let guard = shared.lock().unwrap();
    let range = guard.query("x").last_days(7);
    guard.record("x");
    assert_eq!(range.sum(), Some(4));
    drop(guard);

    let swapped = RwLock::new(Some(EventStore::new()));
    if let Some(store) = swapped.read().unwrap().as_ref() {
        store.record("y");
        assert!(store.limit().at_most("y", 1, (2, TimeUnit::Days)).check("y").is_err());
    }
    let old = swapped.write().unwrap().replace(EventStore::new());
    assert_eq!(old.and_then(|store| store.query("y").ever().sum()), Some(1));
    let count = swapped.read().unwrap().as_ref().and_then(|store| store.query("y").ever().sum());
    assert_eq!(count, None);

    OF_THREAD.with(|store| store.record("z"));
    assert_eq!(OF_THREAD.with(|store| store.query("z").ever().sum()), Some(1));
    assert_eq!(thread::spawn(|| OF_THREAD.with(|store| store.query("z").ever().sum())).join().unwrap(), None);
}

async fn process(store: Arc<EventStore>, request: u32) -> Result<u32, String> {
    let limit = store.limit().at_most("request", 3, TimeUnit::Years);
    let total = store.query_many(&["request", "refused"]).ever();
    tokio::task::yield_now().await;
    if let Err(error) = limit.check_and_record("request") {
        store.record("refused");
        return Err(format!("request {request}: {error}"));
    }
    tokio::task::yield_now().await;
    total.sum().ok_or_else(|| "nothing counted".to_owned())
}

#[test]
fn tasks_share_a_store_and_keep_queries_while_they_wait() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = Arc::new(EventStore::new());
    let (done, refused) = runtime.block_on(async {
        let tasks: Vec<_> =
            (0..5).map(|request| tokio::spawn(process(Arc::clone(&store), request))).collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results.into_iter().partition::<Vec<_>, _>(Result::is_ok)
    });
    assert_eq!((done.len(), refused.len()), (3, 2));
    assert_eq!(store.query_ratio("refused", "request").ever(), Some(2.0 / 3.0));
    let local = &store;
    let counted = runtime.block_on(async move {
        let query = local.query("request");
        tokio::task::yield_now().await;
        query.last_days(2).sum()
    });
    assert_eq!(counted, Some(3));
}
