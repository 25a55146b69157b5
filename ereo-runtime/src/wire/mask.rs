//! Masking (RFC 6455 section 5.3): each payload byte is XORed with the key byte at its index modulo 4.

/// Applies `key` in place, `offset` being the index of `bytes[0]` in its frame's payload.
///
/// Masking and unmasking are the same operation.
pub fn apply(bytes: &mut [u8], key: [u8; 4], offset: usize) {
    let block = repeated(key, offset);
    let (blocks, rest) = bytes.as_chunks_mut();
    for bytes in blocks {
        *bytes = xor(*bytes, block);
    }
    for (byte, key) in rest.iter_mut().zip(block) {
        *byte ^= key;
    }
}

/// Appends `bytes` with `key` applied: copied and unmasked in one pass.
pub fn extend(out: &mut Vec<u8>, bytes: &[u8], key: [u8; 4], offset: usize) {
    let block = repeated(key, offset);
    let (blocks, rest) = bytes.as_chunks();
    out.extend(blocks.iter().flat_map(|bytes| xor(*bytes, block)));
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    out.extend_from_slice(&xor(last, block)[..rest.len()]);
}

/// A multiple of the key's length, so that every block begins with the same byte of it, and a vector
/// register's, into which the compiler then puts one.
const BLOCK: usize = 16;

type Block = [u8; BLOCK];

/// The key, turned to where `offset` is in it, as often as it fits.
fn repeated(key: [u8; 4], offset: usize) -> Block {
    // Little-endian, its first byte is the lowest one.
    let turned = u32::from_le_bytes(key).rotate_right(8 * (offset % 4) as u32).to_le_bytes();
    std::array::from_fn(|i| turned[i % 4])
}

fn xor(bytes: Block, key: Block) -> Block {
    std::array::from_fn(|i| bytes[i] ^ key[i])
}

#[cfg(test)]
mod tests {
    use super::{apply, extend};

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
                let mut appended = b"before".to_vec();
                extend(&mut appended, &plain, key, offset);
                assert_eq!(appended, [b"before", &masked[..]].concat(), "{length} at {offset}");
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
