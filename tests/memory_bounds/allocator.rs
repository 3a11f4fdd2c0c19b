//! Counts the bytes that a thread has allocated.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts per thread, so that tests that run in parallel do not affect each other. A block that
/// moves while it grows counts twice for that moment, which is the worst that an allocator can do.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: every call is passed to the system's allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let allocated = ALLOCATED.get() + layout.size() as isize;
        ALLOCATED.set(allocated);
        MOST.set(MOST.get().max(allocated));
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let allocated = ALLOCATED.get() + layout.size() as isize;
        ALLOCATED.set(allocated);
        MOST.set(MOST.get().max(allocated));
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.set(ALLOCATED.get() - layout.size() as isize);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The result of `work`, and the most bytes that were allocated at any moment of it beyond those
/// before it.
pub fn most<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = ALLOCATED.get();
    MOST.set(before);
    let answer = work();
    (answer, (MOST.get() - before) as usize)
}

/// How many more bytes are allocated after `work` than before it.
#[allow(dead_code)]
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
pub fn left(work: impl FnOnce()) -> usize {
    let before = ALLOCATED.get();
    work();
    (ALLOCATED.get() - before).max(0) as usize
}
