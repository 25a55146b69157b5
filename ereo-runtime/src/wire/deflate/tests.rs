//! Both directions against `miniz_oxide`, a DEFLATE that the runtime does not use, and against the
//! RFC's own examples.

mod inbound;
mod outbound;

use bytes::{Bytes, BytesMut};
use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush};
use proptest::collection::vec;
use proptest::prelude::*;

use super::agreement::{Agreement, Compression, agree};
use crate::websocket::reader::{Event, ReadError, Reader};
use crate::wire::frame::{Header, OpCode, Rsv};

/// What is agreed on when a client offers `parameters`.
fn agreed(compression: Compression, parameters: &str) -> Agreement {
    let header = format!("permessage-deflate{parameters}");
    agree(compression, [header.as_str()].into_iter()).expect("the offer can be kept")
}

/// Texts that repeat themselves and each other, from empty to larger than any window.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just("price".to_owned()),
        Just(r#"{"type":"message","userId":"#.to_owned()),
        "[a-z0-9 ]{0,40}",
    ];
    let text = (vec(word, 0..60), 1usize..30)
        .prop_map(|(words, times)| words.concat().repeat(times).into_bytes());
    prop_oneof![8 => text, 1 => vec(any::<u8>(), 0..40_000)]
}

/// The other implementation as a peer: with context takeover it is kept from message to message.
struct Peer {
    compressor: CompressorOxide,
    inflater: Box<InflateState>,
}

impl Peer {
    fn new() -> Self {
        let flags = create_comp_flags_from_zip_params(6, -15, 0);
        let inflater = InflateState::new_boxed(DataFormat::Raw);
        Self { compressor: CompressorOxide::new(flags), inflater }
    }

    /// Section 7.2.1.
    fn compress(&mut self, message: &[u8]) -> Vec<u8> {
        use miniz_oxide::deflate::stream::deflate;
        let mut out = vec![0; 2 * message.len() + 100];
        let done = deflate(&mut self.compressor, message, &mut out, MZFlush::Sync);
        assert_eq!(done.bytes_consumed, message.len());
        out.truncate(done.bytes_written);
        assert!(out.ends_with(&super::TAIL));
        out.truncate(out.len() - super::TAIL.len());
        out
    }

    /// Section 7.2.2.
    fn inflate(&mut self, compressed: &[u8], length: usize) -> Vec<u8> {
        let compressed = [compressed, &super::TAIL].concat();
        // More room than there should be, so that too much would be seen.
        let mut out = vec![0; length + 1000];
        let done = inflate(&mut self.inflater, &compressed, &mut out, MZFlush::Sync);
        done.status.expect("the peer understands");
        assert_eq!(done.bytes_consumed, compressed.len());
        out.truncate(done.bytes_written);
        out
    }
}
