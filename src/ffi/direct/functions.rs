//! The functions of UniFFI by their numbers. `cargo xtask bindings` writes this file.

#![allow(clippy::wildcard_imports)]

use super::bytes::Call;
use crate::ffi::changes::*;
use crate::ffi::clock::*;
use crate::ffi::event::*;
use crate::ffi::health::*;
use crate::ffi::import_once::*;
use crate::ffi::limit_document::*;
use crate::ffi::markers::*;
use crate::ffi::prepared_limit::*;
use crate::ffi::prepared_question::*;
use crate::ffi::query::*;
use crate::ffi::rehearsal::*;
use crate::ffi::replicas::*;
use crate::ffi::reservation::*;
use crate::ffi::store::*;
use crate::ffi::stored_reservations::*;
use crate::ffi::sync::*;
use crate::ffi::warnings::*;

#[rustfmt::skip]
pub(super) fn call(function: i32, call: &mut Call<'_>) -> Option<Vec<u8>> {
    match function {
        0 => call.of(uniffi_tiny_counter_fn_clone_changes as unsafe extern "C" fn(_, &mut _) -> _),
        1 => call.of(uniffi_tiny_counter_fn_free_changes as unsafe extern "C" fn(_, &mut _) -> _),
        2 => call.method(uniffi_tiny_counter_fn_clone_changes, uniffi_tiny_counter_fn_method_changes_end as unsafe extern "C" fn(_, &mut _) -> _),
        3 => call.method(uniffi_tiny_counter_fn_clone_changes, uniffi_tiny_counter_fn_method_changes_next as unsafe extern "C" fn(_, &mut _) -> _),
        4 => call.of(uniffi_tiny_counter_fn_clone_testclock as unsafe extern "C" fn(_, &mut _) -> _),
        5 => call.of(uniffi_tiny_counter_fn_free_testclock as unsafe extern "C" fn(_, &mut _) -> _),
        6 => call.of(uniffi_tiny_counter_fn_constructor_testclock_new as unsafe extern "C" fn(_, &mut _) -> _),
        7 => call.method(uniffi_tiny_counter_fn_clone_testclock, uniffi_tiny_counter_fn_method_testclock_advance as unsafe extern "C" fn(_, _, &mut _) -> _),
        8 => call.method(uniffi_tiny_counter_fn_clone_testclock, uniffi_tiny_counter_fn_method_testclock_now as unsafe extern "C" fn(_, &mut _) -> _),
        9 => call.method(uniffi_tiny_counter_fn_clone_testclock, uniffi_tiny_counter_fn_method_testclock_set as unsafe extern "C" fn(_, _, &mut _) -> _),
        10 => call.of(uniffi_tiny_counter_fn_clone_preparedlimit as unsafe extern "C" fn(_, &mut _) -> _),
        11 => call.of(uniffi_tiny_counter_fn_free_preparedlimit as unsafe extern "C" fn(_, &mut _) -> _),
        12 => call.method(uniffi_tiny_counter_fn_clone_preparedlimit, uniffi_tiny_counter_fn_method_preparedlimit_allowed as unsafe extern "C" fn(_, &mut _) -> _),
        13 => call.method(uniffi_tiny_counter_fn_clone_preparedlimit, uniffi_tiny_counter_fn_method_preparedlimit_decide as unsafe extern "C" fn(_, _, &mut _) -> _),
        14 => call.method(uniffi_tiny_counter_fn_clone_preparedlimit, uniffi_tiny_counter_fn_method_preparedlimit_explain as unsafe extern "C" fn(_, &mut _) -> _),
        15 => call.method(uniffi_tiny_counter_fn_clone_preparedlimit, uniffi_tiny_counter_fn_method_preparedlimit_number as unsafe extern "C" fn(_, &mut _) -> _),
        16 => call.method(uniffi_tiny_counter_fn_clone_preparedlimit, uniffi_tiny_counter_fn_method_preparedlimit_rehearse as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        17 => call.method(uniffi_tiny_counter_fn_clone_preparedlimit, uniffi_tiny_counter_fn_method_preparedlimit_reserve_for as unsafe extern "C" fn(_, _, &mut _) -> _),
        18 => call.method(uniffi_tiny_counter_fn_clone_preparedlimit, uniffi_tiny_counter_fn_method_preparedlimit_usage as unsafe extern "C" fn(_, &mut _) -> _),
        19 => call.method(uniffi_tiny_counter_fn_clone_preparedlimit, uniffi_tiny_counter_fn_method_preparedlimit_write as unsafe extern "C" fn(_, &mut _) -> _),
        20 => call.of(uniffi_tiny_counter_fn_clone_preparedquestion as unsafe extern "C" fn(_, &mut _) -> _),
        21 => call.of(uniffi_tiny_counter_fn_free_preparedquestion as unsafe extern "C" fn(_, &mut _) -> _),
        22 => call.method(uniffi_tiny_counter_fn_clone_preparedquestion, uniffi_tiny_counter_fn_method_preparedquestion_ask as unsafe extern "C" fn(_, &mut _) -> _),
        23 => call.method(uniffi_tiny_counter_fn_clone_preparedquestion, uniffi_tiny_counter_fn_method_preparedquestion_number as unsafe extern "C" fn(_, &mut _) -> _),
        24 => call.of(uniffi_tiny_counter_fn_clone_reservation as unsafe extern "C" fn(_, &mut _) -> _),
        25 => call.of(uniffi_tiny_counter_fn_free_reservation as unsafe extern "C" fn(_, &mut _) -> _),
        26 => call.method(uniffi_tiny_counter_fn_clone_reservation, uniffi_tiny_counter_fn_method_reservation_cancel as unsafe extern "C" fn(_, &mut _) -> _),
        27 => call.method(uniffi_tiny_counter_fn_clone_reservation, uniffi_tiny_counter_fn_method_reservation_commit as unsafe extern "C" fn(_, &mut _) -> _),
        28 => call.of(uniffi_tiny_counter_fn_clone_eventstore as unsafe extern "C" fn(_, &mut _) -> _),
        29 => call.of(uniffi_tiny_counter_fn_free_eventstore as unsafe extern "C" fn(_, &mut _) -> _),
        30 => call.of(uniffi_tiny_counter_fn_constructor_eventstore_closed as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        31 => call.of(uniffi_tiny_counter_fn_constructor_eventstore_in_memory as unsafe extern "C" fn(_, &mut _) -> _),
        32 => call.of(uniffi_tiny_counter_fn_constructor_eventstore_open as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        33 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_changes as unsafe extern "C" fn(_, &mut _) -> _),
        34 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_event_number as unsafe extern "C" fn(_, _, &mut _) -> _),
        35 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_acknowledge_loss as unsafe extern "C" fn(_, &mut _) -> _),
        36 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_health as unsafe extern "C" fn(_, &mut _) -> _),
        37 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_has_imported as unsafe extern "C" fn(_, _, &mut _) -> _),
        38 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_import_once as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        39 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_app_version as unsafe extern "C" fn(_, _, &mut _) -> _),
        40 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_session as unsafe extern "C" fn(_, &mut _) -> _),
        41 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_prepare as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        42 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_prepare_question as unsafe extern "C" fn(_, _, &mut _) -> _),
        43 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_query as unsafe extern "C" fn(_, _, &mut _) -> _),
        44 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_daily_history as unsafe extern "C" fn(_, _, &mut _) -> _),
        45 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_forget_replicas as unsafe extern "C" fn(_, _, &mut _) -> _),
        46 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_replicas as unsafe extern "C" fn(_, &mut _) -> _),
        47 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_balance_delta as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        48 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_erase_all as unsafe extern "C" fn(_, &mut _) -> _),
        49 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_erase_event as unsafe extern "C" fn(_, _, &mut _) -> _),
        50 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_erase_events as unsafe extern "C" fn(_, _, &mut _) -> _),
        51 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_events as unsafe extern "C" fn(_, &mut _) -> _),
        52 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_is_dirty as unsafe extern "C" fn(_, &mut _) -> _),
        53 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_memory_usage as unsafe extern "C" fn(_, &mut _) -> _),
        54 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_now as unsafe extern "C" fn(_, &mut _) -> _),
        55 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_persist as unsafe extern "C" fn(_, &mut _) -> _),
        56 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_record as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        57 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_record_ago as unsafe extern "C" fn(_, _, _, _, &mut _) -> _),
        58 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_record_at as unsafe extern "C" fn(_, _, _, _, &mut _) -> _),
        59 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_record_now as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        60 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_reopen as unsafe extern "C" fn(_, &mut _) -> _),
        61 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_set_zone as unsafe extern "C" fn(_, _, &mut _) -> _),
        62 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_shutdown as unsafe extern "C" fn(_, &mut _) -> _),
        63 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_tracked_units as unsafe extern "C" fn(_, &mut _) -> _),
        64 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_cancel_reservation as unsafe extern "C" fn(_, _, &mut _) -> _),
        65 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_commit_reservation as unsafe extern "C" fn(_, _, &mut _) -> _),
        66 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_reservations as unsafe extern "C" fn(_, &mut _) -> _),
        67 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_export_bytes as unsafe extern "C" fn(_, &mut _) -> _),
        68 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_export_parts as unsafe extern "C" fn(_, _, &mut _) -> _),
        69 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_export_parts_since as unsafe extern "C" fn(_, _, _, &mut _) -> _),
        70 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_export_since as unsafe extern "C" fn(_, _, &mut _) -> _),
        71 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_knowledge as unsafe extern "C" fn(_, &mut _) -> _),
        72 => call.method(uniffi_tiny_counter_fn_clone_eventstore, uniffi_tiny_counter_fn_method_eventstore_merge_bytes as unsafe extern "C" fn(_, _, &mut _) -> _),
        73 => call.of(uniffi_tiny_counter_fn_clone_warnings as unsafe extern "C" fn(_, &mut _) -> _),
        74 => call.of(uniffi_tiny_counter_fn_free_warnings as unsafe extern "C" fn(_, &mut _) -> _),
        75 => call.of(uniffi_tiny_counter_fn_constructor_warnings_take as unsafe extern "C" fn(&mut _) -> _),
        76 => call.method(uniffi_tiny_counter_fn_clone_warnings, uniffi_tiny_counter_fn_method_warnings_next as unsafe extern "C" fn(_, &mut _) -> _),
        77 => call.of(uniffi_tiny_counter_fn_func_limit_from_json as unsafe extern "C" fn(_, &mut _) -> _),
        78 => call.of(uniffi_tiny_counter_fn_func_limit_set_from_json as unsafe extern "C" fn(_, &mut _) -> _),
        79 => call.of(uniffi_tiny_counter_fn_func_limit_set_to_json as unsafe extern "C" fn(_, &mut _) -> _),
        80 => call.of(uniffi_tiny_counter_fn_func_limit_to_json as unsafe extern "C" fn(_, &mut _) -> _),
        81 => call.of(uniffi_tiny_counter_fn_func_app_version_marker as unsafe extern "C" fn(&mut _) -> _),
        82 => call.of(uniffi_tiny_counter_fn_func_session_marker as unsafe extern "C" fn(&mut _) -> _),
        83 => call.of(uniffi_tiny_counter_fn_func_report_warning as unsafe extern "C" fn(_, &mut _) -> _),
        _ => None,
    }
}
