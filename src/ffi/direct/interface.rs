//! The number of the interface. `cargo xtask bindings` writes this file.

/// It changes with the generated bindings, which hold the same number, and with the files that
/// say how a call crosses. So a facade notices a library that was built for others.
pub(super) const INTERFACE: i64 = 3_928_977_835;
