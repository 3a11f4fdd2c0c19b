//! Numbers and checksums.

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, left) = self.0.split_at(len);
        self.0 = left;
        taken
    }

    pub fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    pub fn yes_or_no(&mut self) -> bool {
        match self.byte() {
            0 => false,
            1 => true,
            other => panic!("{other} is neither yes nor no"),
        }
    }

    /// A little-endian number.
    pub fn fixed(&mut self, len: usize) -> u64 {
        self.take(len).iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte))
    }

    pub fn varint(&mut self) -> u64 {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = self.byte();
            let low = u64::from(byte & 0x7F);
            assert!(shift < 64 && low << shift >> shift == low, "more than 64 bits");
            value |= low << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                assert!(byte != 0 || shift == 7, "longer than needed");
                return value;
            }
        }
    }

    pub fn signed_varint(&mut self) -> i64 {
        signed(self.varint())
    }

    pub fn b_number(&mut self) -> u64 {
        match self.byte() {
            251 => self.fixed(2),
            252 => self.fixed(4),
            253 => self.fixed(8),
            small => {
                assert!(small <= 250);
                small.into()
            }
        }
    }

    pub fn signed_b_number(&mut self) -> i64 {
        signed(self.b_number())
    }

    pub fn count(&mut self) -> usize {
        usize::try_from(self.b_number()).unwrap()
    }

    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.yes_or_no().then(|| read(self))
    }

    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.count()).map(|_| read(self)).collect()
    }

    pub fn name(&mut self) -> String {
        let len = self.count();
        String::from_utf8(self.take(len).to_vec()).unwrap()
    }

    pub fn id(&mut self) -> [u8; 16] {
        self.take(16).try_into().unwrap()
    }
}

pub fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// CRC-32C, continued from the checksum `crc`.
pub fn crc(crc: u32, bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!crc, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0x82F6_3B78 } else { 0 })
    })
}

/// The payload of an envelope that is the value of `key`.
pub fn payload<'a>(envelope: &'a [u8], magic: &[u8; 4], key: &str) -> Bytes<'a> {
    let mut bytes = Bytes(envelope);
    assert_eq!((bytes.take(4), bytes.byte()), (&magic[..], 1));
    let (len, sum) = (bytes.fixed(4), bytes.fixed(4));
    assert_eq!(len, bytes.0.len() as u64);
    let header = crc(crc(0, key.as_bytes()), &envelope[..9]);
    assert_eq!(u64::from(crc(header, bytes.0)), sum);
    bytes
}

/// SipHash-2-4 of numbers of 8 bytes, with a key of zeros.
pub fn digest(numbers: &[u64]) -> u64 {
    let mut v =
        [0x736f_6d65_7073_6575_u64, 0x646f_7261_6e64_6f6d, 0x6c79_6765_6e65_7261, 0x7465_6462_7974_6573];
    let round = |v: &mut [u64; 4]| {
        v[0] = v[0].wrapping_add(v[1]);
        v[2] = v[2].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].rotate_left(32).wrapping_add(v[3]);
        v[2] = v[2].wrapping_add(v[1]);
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[2] = v[2].rotate_left(32);
    };
    let end = (numbers.len() as u64 * 8) << 56;
    for word in numbers.iter().chain([&end]) {
        v[3] ^= word;
        round(&mut v);
        round(&mut v);
        v[0] ^= word;
    }
    v[2] ^= 0xFF;
    (0..4).for_each(|_| round(&mut v));
    v[0] ^ v[1] ^ v[2] ^ v[3]
}
