//! x
/// x
#[derive(Debug)]
pub struct LimitExceeded;
impl std::fmt::Display for LimitExceeded { fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) } }
