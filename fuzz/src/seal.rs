//! Makes checksums right. Random changes hardly ever do, and what lies behind a checksum is to be tried too.

/// Where the payload of an envelope begins.
const ENVELOPE: usize = 13;
/// The header of a log.
const LOG: usize = 24;
const MARKER: [u8; 4] = [0xF9, 0x7C, 0x63, 0xFE];

/// A payload in an envelope of a kind.
pub fn envelope(magic: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ENVELOPE + payload.len());
    out.extend_from_slice(&magic);
    out.push(1);
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    let sum = crc32c::crc32c_append(crc32c::crc32c(&out), payload);
    out.extend_from_slice(&sum.to_le_bytes());
    out.extend_from_slice(payload);
    out
}

/// A log whose header, and every head and value that lies where a frame can be, has the checksum it should have.
pub fn log(bytes: &mut [u8]) {
    if bytes.len() < LOG {
        return;
    }
    let seed = crc32c::crc32c(&bytes[..LOG - 4]);
    bytes[LOG - 4..LOG].copy_from_slice(&seed.to_le_bytes());
    let mut at = LOG;
    while at + 20 <= bytes.len() {
        at += if bytes[at..at + 4] == MARKER { frame(&mut bytes[at..], seed) } else { 1 };
    }
}

/// The length of the frame whose checksums were made right, or of its marker where it is none.
fn frame(bytes: &mut [u8], seed: u32) -> usize {
    let key = usize::from(u16::from_le_bytes([bytes[6], bytes[7]]));
    let value = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]) as usize;
    let head = 16 + key;
    if bytes.len() < head + 4 {
        return 4;
    }
    let crc = crc32c::crc32c_append(seed, &bytes[..head]);
    bytes[head..head + 4].copy_from_slice(&crc.to_le_bytes());
    let end = head + 4 + value;
    if value == 0 || bytes.len() < end + 4 {
        return head + 4;
    }
    let crc = crc32c::crc32c_append(crc, &bytes[head + 4..end]);
    bytes[end..end + 4].copy_from_slice(&crc.to_le_bytes());
    end + 4
}
