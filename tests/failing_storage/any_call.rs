//! Any one call to the storage fails, and the library is checked after every step of a script.

use tiny_counter::Error;

use super::faulty::{Call, Fault, Faulty, Kind};
use super::run::{Run, open};

/// Runs the script once for every call of a kind, with that call failing. Returns the number of
/// runs.
fn fail_each(call: Call, transactions: bool, late: bool, and_the_rollback: bool) -> usize {
    each(transactions, false, Fault { call, nth: 1, times: 1, kind: Kind::Storage, late, and_the_rollback })
}

fn each(transactions: bool, bare: bool, first: Fault) -> usize {
    (1..).take_while(|nth| Run::new(transactions, bare, Some(Fault { nth: *nth, ..first })).all()).count()
}

#[test]
fn without_a_fault_the_script_passes() {
    for transactions in [true, false] {
        for bare in [true, false] {
            assert!(!Run::new(transactions, bare, None).all());
        }
    }
}

#[test]
fn a_failed_call_loses_nothing_with_and_without_transactions() {
    for transactions in [true, false] {
        for (call, at_least) in [
            (Call::Save, 10),
            (Call::Load, 10),
            (Call::Delete, 3),
            (Call::ListKeys, 3),
            (Call::Begin, 8),
            (Call::Commit, 8),
            (Call::Sync, 8),
        ] {
            let tried = fail_each(call, transactions, false, false);
            assert!(tried >= at_least, "the script makes {tried} calls of {call:?}");
        }
    }
}

#[test]
fn a_call_that_succeeds_but_reports_an_error_loses_nothing() {
    for transactions in [true, false] {
        for call in [Call::Delete, Call::Commit, Call::Sync] {
            assert!(fail_each(call, transactions, true, false) > 0);
        }
    }
}

#[test]
fn a_failed_rollback_loses_nothing() {
    for transactions in [true, false] {
        for call in [Call::Save, Call::Delete, Call::Commit] {
            assert!(fail_each(call, transactions, false, true) > 0);
        }
    }
}

#[test]
fn any_kind_of_error_loses_nothing() {
    // Errors of reads are converted by kind; errors of writes are passed on.
    for kind in Kind::ALL {
        for call in [Call::Load, Call::ListKeys, Call::Commit] {
            let fault = Fault { call, nth: 1, times: 1, kind, late: false, and_the_rollback: false };
            assert!(each(true, false, fault) >= 3, "{fault:?}");
        }
    }
}

#[test]
fn several_failed_calls_in_a_row_lose_nothing() {
    for call in [Call::Save, Call::Load, Call::Delete, Call::ListKeys, Call::Begin, Call::Commit, Call::Sync]
    {
        for kind in [Kind::Unavailable, Kind::Corrupt] {
            let fault = Fault { call, nth: 1, times: 3, kind, late: false, and_the_rollback: false };
            assert!(each(true, false, fault) >= 3, "{fault:?}");
        }
    }
}

#[test]
fn a_failed_call_to_a_storage_without_transactions_loses_nothing() {
    for call in [Call::Save, Call::Load, Call::Delete, Call::ListKeys] {
        for late in [false, call == Call::Delete] {
            let fault = Fault { call, nth: 1, times: 1, kind: Kind::Storage, late, and_the_rollback: false };
            assert!(each(false, true, fault) >= 3, "{fault:?}");
        }
    }
}

#[test]
fn a_storage_that_fails_for_long_loses_nothing() {
    for call in [Call::Save, Call::Begin, Call::Commit, Call::Sync] {
        let storage = Faulty::new(true, None);
        let store = open(storage.clone());
        store.record("a");
        store.persist().unwrap();
        storage.set_failing(Some(call));
        for _ in 0..5 {
            store.record("a");
            assert!(matches!(store.persist(), Err(Error::Storage(_))), "{call:?}");
            assert!(store.is_dirty() && store.health().storage_fails);
        }
        assert_eq!(store.query("a").lifetime(), Some(6));
        storage.set_failing(None);
        store.persist().unwrap();
        assert_eq!(open(storage.synced()).query("a").lifetime(), Some(6));
    }
}
