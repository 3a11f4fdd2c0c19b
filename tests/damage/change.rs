//! Ways to damage bytes. Each damaged copy comes with a description.

pub fn cuts(intact: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    (0..intact.len()).map(|cut| (intact[..cut].to_vec(), format!("cut at {cut}")))
}

pub fn flips(intact: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    (0..intact.len() * 8).map(|bit| {
        let mut flipped = intact.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (flipped, format!("bit {bit} flipped"))
    })
}

pub fn removed(intact: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    (0..intact.len()).flat_map(|at| [1, 7].map(|len| (at, len))).map(|(at, len)| {
        let mut shorter = intact.to_vec();
        shorter.drain(at..(at + len).min(intact.len()));
        (shorter, format!("{len} bytes removed at {at}"))
    })
}

pub fn inserted(intact: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    let bytes = [0u8, b' ', b'"', b'9', 0xff];
    (0..=intact.len()).flat_map(move |at| bytes.map(|byte| (at, byte))).map(|(at, byte)| {
        let mut longer = intact.to_vec();
        longer.insert(at, byte);
        (longer, format!("{byte:#x} inserted at {at}"))
    })
}
