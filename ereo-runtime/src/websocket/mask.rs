//! Masking (RFC 6455 section 5.3): each payload byte is XORed with the key byte at its index modulo 4.

/// Applies `key` in place, `offset` being the index of `bytes[0]` in its frame's payload.
///
/// Masking and unmasking are the same operation.
pub fn apply(bytes: &mut [u8], key: [u8; 4], offset: usize) {
    let mut key = key;
    key.rotate_left(offset % 4);
    // Eight bytes at a time; from `to_ne_bytes` order nothing depends on the machine's endianness,
    // and the compiler turns the loop into vector instructions.
    let word = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let mut words = bytes.chunks_exact_mut(8);
    for chunk in &mut words {
        let mut eight = [0; 8];
        eight.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(eight) ^ word).to_ne_bytes());
    }
    // A multiple of 4 bytes went before, so the key stands at its beginning again.
    for (byte, key) in words.into_remainder().iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::apply;

    /// The definition in section 5.3, byte by byte.
    fn model(bytes: &[u8], key: [u8; 4], offset: usize) -> Vec<u8> {
        bytes.iter().enumerate().map(|(i, byte)| byte ^ key[(i + offset) % 4]).collect()
    }

    #[test]
    fn agrees_with_the_definition_at_every_length_and_offset() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        for length in 0..64 {
            let plain: Vec<u8> = (0..length).map(|byte| byte * 3).collect();
            for offset in 0..9 {
                let mut masked = plain.clone();
                apply(&mut masked, key, offset);
                assert_eq!(masked, model(&plain, key, offset), "{length} bytes at {offset}");
            }
        }
    }

    #[test]
    fn the_masked_hello_of_section_5_7() {
        let mut bytes = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        apply(&mut bytes, [0x37, 0xfa, 0x21, 0x3d], 0);
        assert_eq!(&bytes, b"Hello");
    }
}
