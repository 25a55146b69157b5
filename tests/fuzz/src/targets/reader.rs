//! A connection's bytes behind the handshake: one byte of setting, then the wire.

use super::Target;
use super::reading::Setting;

pub(super) const TARGET: Target = Target { name: "reader", run, dictionary: DICTIONARY };

/// Headers with the masking key 0, under which a payload is itself.
const DICTIONARY: &[&[u8]] = &[
    b"\x81\x85\0\0\0\0hello",
    b"\x01\x82\0\0\0\0ab",
    b"\x80\x82\0\0\0\0cd",
    b"\x00\x80\0\0\0\0",
    b"\x82\xfe\x00\x7e\0\0\0\0",
    b"\x82\xff\0\0\0\0\0\x01\0\0\0\0\0\0",
    b"\x89\x80\0\0\0\0",
    b"\x8a\x80\0\0\0\0",
    b"\x88\x82\0\0\0\0\x03\xe8",
    b"\xc1\x87\0\0\0\0\xf2\x48\xcd\xc9\xc9\x07\0",
    b"\x41\x83\0\0\0\0\xf2\x48\xcd",
    b"\0\0\xff\xff",
    b"\x03\0",
    "κόσμε".as_bytes(),
    b"\xed\xa0\x80",
];

fn run(input: &[u8]) {
    if let Some((setting, wire)) = input.split_first() {
        Setting::of(*setting).check(wire);
    }
}
