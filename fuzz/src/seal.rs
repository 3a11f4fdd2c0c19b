//! Corrects checksums in an input. Otherwise almost no random input would pass its checksum, and
//! the code behind it would not be tested.

/// The length of the header of an envelope.
const ENVELOPE_HEADER: usize = 13;
/// The length of the header of a log.
const LOG_HEADER: usize = 24;
/// The length of each of the two copies of the synced length behind it.
const SYNCED_LEN: usize = 12;
const MARKER: [u8; 4] = [0xF9, 0x7C, 0x63, 0xFE];

/// Puts a payload into an envelope.
pub fn envelope(magic: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ENVELOPE_HEADER + payload.len());
    out.extend_from_slice(&magic);
    out.push(1);
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    let sum = crc32c::crc32c_append(crc32c::crc32c(&out), payload);
    out.extend_from_slice(&sum.to_le_bytes());
    out.extend_from_slice(payload);
    out
}

/// Corrects the checksums of the header, of the synced length and of each frame of a log.
pub fn log(bytes: &mut [u8]) {
    if bytes.len() < LOG_HEADER + 2 * SYNCED_LEN {
        return;
    }
    let seed = crc32c::crc32c(&bytes[..LOG_HEADER - 4]);
    bytes[LOG_HEADER - 4..LOG_HEADER].copy_from_slice(&seed.to_le_bytes());
    let mut at = LOG_HEADER;
    for _ in 0..2 {
        let crc = crc32c::crc32c_append(seed, &bytes[at..at + 8]);
        bytes[at + 8..at + SYNCED_LEN].copy_from_slice(&crc.to_le_bytes());
        at += SYNCED_LEN;
    }
    while at + 20 <= bytes.len() {
        at += if bytes[at..at + 4] == MARKER { frame(&mut bytes[at..], seed) } else { 1 };
    }
}

/// Corrects the checksums of a frame. Returns the length of what was corrected, or the length of
/// the marker if the frame is truncated.
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
