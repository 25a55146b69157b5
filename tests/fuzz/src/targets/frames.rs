//! Frames that are whole by construction, so that mutations reach what lies behind a header: one byte
//! of setting, then of each frame its first byte, its length in one byte, and its payload.

use super::Target;
use super::reading::Setting;

pub(super) const TARGET: Target = Target { name: "frames", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"\x81\x05hello",
    b"\x01\x02ab",
    b"\x80\x02cd",
    b"\x00\x00",
    b"\x89\x01p",
    b"\x88\x02\x03\xe8",
    b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\0",
    b"\xc1\x05\xf2\x00\x11\0\0",
    b"\xc1\x0a\x01\x00\x00\xff\xff\x01\x00\x00\xff\xff",
    b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
    b"\x03\0",
    "κόσμε".as_bytes(),
    b"\xed\xa0\x80",
];

/// Its bytes differ, so that a wrong offset shows.
const KEY: [u8; 4] = [0x12, 0x00, 0xff, 0x7e];

fn run(input: &[u8]) {
    let Some((setting, mut rest)) = input.split_first() else { return };
    let mut wire = Vec::new();
    while let &[first, length, ref behind @ ..] = rest {
        // A length above 127 stands for a multiple, for the longer forms.
        let length = usize::from(length);
        let length = if length > 127 { (length - 127) * 40 } else { length }.min(behind.len());
        let (payload, next) = behind.split_at(length);
        frame(&mut wire, first, payload);
        rest = next;
    }
    Setting::of(*setting).check(&wire);
}

/// A client's frame with this first byte.
fn frame(wire: &mut Vec<u8>, first: u8, payload: &[u8]) {
    wire.push(first);
    match payload.len() {
        // The guards of the arms make both narrowing casts exact.
        0..=125 => wire.push(0x80 | payload.len() as u8),
        126..=0xffff => {
            wire.push(0x80 | 126);
            wire.extend((payload.len() as u16).to_be_bytes());
        }
        _ => {
            wire.push(0x80 | 127);
            wire.extend((payload.len() as u64).to_be_bytes());
        }
    }
    wire.extend(KEY);
    wire.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
}
