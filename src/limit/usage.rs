//! How much of a limit is used.

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitUsage {
    /// The greatest number of times that the event can have happened in the window, pending
    /// reservations included. It can differ from the answer to a query.
    pub count: u32,
    /// The limit.
    pub limit: u32,
    /// How many more the limit allows.
    pub remaining: u32,
}

impl LimitUsage {
    pub(crate) fn new(count: u64, limit: u32) -> LimitUsage {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        LimitUsage { count, limit, remaining: limit.saturating_sub(count) }
    }
}
