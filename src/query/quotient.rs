//! Quotients of counts.

/// `count / by`, or 0 if `by` is 0. Counts above 2^53 lose their last digits, as an `f64` must.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn quotient(count: u64, by: u64) -> f64 {
    if by == 0 { 0.0 } else { count as f64 / by as f64 }
}

/// `quotient` for a difference of counts.
#[allow(clippy::cast_precision_loss)]
pub(super) fn signed_quotient(count: i64, by: u64) -> f64 {
    if by == 0 { 0.0 } else { count as f64 / by as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_by_zero_is_zero() {
        assert_eq!((quotient(0, 0), quotient(5, 0), signed_quotient(-5, 0)), (0.0, 0.0, 0.0));
        assert_eq!((quotient(1, 4), signed_quotient(-1, 4)), (0.25, -0.25));
    }
}
