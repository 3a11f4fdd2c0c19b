//! Ways to damage bytes. Each damaged copy comes with a description.

pub fn cuts(sound: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    (0..sound.len()).map(|cut| (sound[..cut].to_vec(), format!("cut at {cut}")))
}

pub fn flips(sound: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    (0..sound.len() * 8).map(|bit| {
        let mut bent = sound.to_vec();
        bent[bit / 8] ^= 1 << (bit % 8);
        (bent, format!("bit {bit} flipped"))
    })
}

pub fn removed(sound: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    (0..sound.len()).flat_map(|at| [1, 7].map(|len| (at, len))).map(|(at, len)| {
        let mut shorter = sound.to_vec();
        shorter.drain(at..(at + len).min(sound.len()));
        (shorter, format!("{len} bytes removed at {at}"))
    })
}

pub fn inserted(sound: &[u8]) -> impl Iterator<Item = (Vec<u8>, String)> {
    let bytes = [0u8, b' ', b'"', b'9', 0xff];
    (0..=sound.len()).flat_map(move |at| bytes.map(|byte| (at, byte))).map(|(at, byte)| {
        let mut longer = sound.to_vec();
        longer.insert(at, byte);
        (longer, format!("{byte:#x} inserted at {at}"))
    })
}
