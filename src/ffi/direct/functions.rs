use super::bytes::Call;

pub(super) fn call(_: i32, _: &mut Call<'_>) -> Option<Vec<u8>> {
    None
}
