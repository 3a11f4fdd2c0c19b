//! Random numbers of the system.

use crate::error::{Error, Result};

/// Random bytes.
///
/// # Errors
/// `Unavailable` if the system has no random numbers.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::unavailable(format!("the system has no random numbers: {error}; try again later"))
    })?;
    Ok(bytes)
}
