//! One compressed message (RFC 7692 section 7.2), against another implementation of DEFLATE.

use bytes::Bytes;
use ereo_runtime::websocket::frame::{Header, OpCode, Rsv};
use ereo_runtime::websocket::reader::{Event, ReadError};
use ereo_runtime::{Compression, fuzzing};
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use super::Target;

pub(super) const TARGET: Target = Target { name: "inflate", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"\0\0\xff\xff",
    b"\x01\0\0\xff\xff",
    b"\x03\0",
    b"\xf2\x48\xcd\xc9\xc9\x07\0",
    b"\x00\x05\x00\xfa\xffhello",
    b"\xec\xc1\x01\x0d\0\0\0\xc2\xa0\xf7\x4f\x6d\x0e\x37\xa0\0",
];

const LIMIT: usize = 256 << 10;

fn run(input: &[u8]) {
    // As data to compress: it comes back as it was, where it just fits.
    let same = Ok(Event::Binary(Bytes::copy_from_slice(input)));
    let flushed = sync_flushed(input);
    assert_eq!(read(&flushed, input.len()), same, "a flush");
    let whole = miniz_oxide::deflate::compress_to_vec(input, 6);
    assert_eq!(read(&whole, input.len()), same, "a last block");
    if let Some(limit) = input.len().checked_sub(1) {
        assert_eq!(read(&whole, limit), Err(ReadError::TooBig { limit }));
    }
    // As compressed data: what both understand is the same.
    let found = read(input, LIMIT);
    // The tail that a message leaves out, and an empty last block, where the other one ends.
    let data = [input, b"\0\0\xff\xff\x01\0\0\xff\xff"].concat();
    match (decompress_to_vec_with_limit(&data, LIMIT), found) {
        // Behind a last block more may follow, which the other one does not read.
        (Ok(expected), Ok(Event::Binary(found))) => assert!(found.starts_with(&expected)),
        (Ok(_), Ok(event)) => panic!("{event:?}"),
        (Err(error), Ok(found)) if error.status != TINFLStatus::HasMoreOutput => {
            panic!("the other one says {:?} to {found:?}", error.status)
        }
        (Err(_), Ok(Event::Binary(found))) => panic!("{} bytes of {LIMIT}", found.len()),
        (_, Ok(event)) => panic!("{event:?}"),
        (_, Err(ReadError::Corrupt | ReadError::TooBig { .. })) => {}
        (_, Err(error)) => panic!("{error}"),
    }
}

/// A client's message without its context, where one may have `limit` bytes.
fn read(payload: &[u8], limit: usize) -> Result<Event, ReadError> {
    let mut wire = bytes::BytesMut::new();
    let length = payload.len() as u64;
    let (rsv, opcode) = (Rsv::RSV1, OpCode::Binary);
    Header { fin: true, rsv, opcode, mask: Some([0; 4]), length }.write(&mut wire);
    wire.extend_from_slice(payload);
    let mut reader = fuzzing::reader(limit, Compression::Broadcast, "permessage-deflate");
    let mut input = wire.freeze();
    Ok(reader.next(&mut input)?.expect("a whole message"))
}

/// What a compressor that keeps its state sends: a flush, without the tail that it ends in.
fn sync_flushed(data: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::Compress::new(flate2::Compression::fast(), false);
    let mut out = Vec::with_capacity(data.len() + 1000);
    zlib.compress_vec(data, &mut out, flate2::FlushCompress::Sync).expect("it fits");
    match out.strip_suffix(b"\0\0\xff\xff") {
        Some(payload) if !payload.is_empty() => payload.to_vec(),
        // Section 7.2.3.6: an empty message.
        _ => vec![0],
    }
}
