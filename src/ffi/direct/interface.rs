//! The number of the interface. `cargo xtask bindings` writes this file.

/// It changes with the generated bindings, which hold the same number. So a facade notices a
/// library that was built for other bindings.
pub(super) const INTERFACE: i64 = 2_586_382_676;
