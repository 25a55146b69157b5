//! The reader against a model of what a client may send, and against another implementation.

use std::io::{Cursor, Read, Write};

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;
use tungstenite::protocol::Role;

use super::{Event, ProtocolError, ReadError, Reader};
use crate::websocket::close::CloseCode;
use crate::wire::{Header, HeaderError, OpCode, Rsv, frame, mask};

const KEY: [u8; 4] = [0x12, 0x00, 0xff, 0x7e];

/// A client's frame.
fn client(fin: bool, opcode: OpCode, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u64;
    let mut out = BytesMut::new();
    Header { fin, rsv: Rsv::NONE, opcode, mask: Some(KEY), length }.write(&mut out);
    let start = out.len();
    out.extend_from_slice(payload);
    mask::apply(&mut out[start..], KEY, 0);
    out.to_vec()
}

/// Everything that the reader makes of `chunks`, up to the first error.
pub(crate) fn read<'a>(
    reader: &mut Reader,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Option<ReadError>) {
    let mut events = Vec::new();
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        loop {
            match reader.next(&mut input) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(error) => return (events, Some(error)),
            }
        }
    }
    (events, None)
}

fn read_whole(bytes: &[u8]) -> (Vec<Event>, Option<ReadError>) {
    read(&mut Reader::new(1 << 20), [bytes])
}

fn error_of(bytes: &[u8]) -> Option<ReadError> {
    let whole = read_whole(bytes).1;
    let bytewise = read(&mut Reader::new(1 << 20), bytes.chunks(1)).1;
    assert_eq!(whole, bytewise, "an error must not depend on the split");
    whole
}

/// One message as a test sends it: whole or in fragments, with pings between them.
#[derive(Debug, Clone)]
enum Sent {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        any::<String>().prop_map(Sent::Text),
        vec(any::<u8>(), 0..300).prop_map(Sent::Binary),
        vec(any::<u8>(), 65_530..65_540).prop_map(Sent::Binary),
        vec(any::<u8>(), 0..=125).prop_map(Sent::Ping),
        vec(any::<u8>(), 0..=125).prop_map(Sent::Pong),
    ]
}

/// Appends a data message cut at `cuts`, a ping before every further fragment.
fn fragmented(
    wire: &mut Vec<u8>,
    expected: &mut Vec<Event>,
    opcode: OpCode,
    payload: &[u8],
    cuts: &[usize],
) {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (payload.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.push(payload.len());
    let (mut start, last) = (0, cuts.len() - 1);
    for (i, end) in cuts.into_iter().enumerate() {
        if i > 0 {
            wire.extend(client(true, OpCode::Ping, &[i as u8]));
            expected.push(Event::Ping(vec![i as u8].into()));
        }
        let opcode = if i == 0 { opcode } else { OpCode::Continuation };
        wire.extend(client(i == last, opcode, &payload[start..end]));
        start = end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_split_and_fragmentation_gives_the_same_messages(
        messages in vec((sent(), vec(any::<usize>(), 0..4)), 0..6),
        splits in vec(1usize..9000, 1..20),
    ) {
        let (mut wire, mut expected) = (Vec::new(), Vec::new());
        for (message, cuts) in &messages {
            match message {
                Sent::Text(text) => {
                    fragmented(&mut wire, &mut expected, OpCode::Text, text.as_bytes(), cuts);
                    expected.push(Event::Text(text.as_str().into()));
                }
                Sent::Binary(bytes) => {
                    fragmented(&mut wire, &mut expected, OpCode::Binary, bytes, cuts);
                    expected.push(Event::Binary(bytes.clone().into()));
                }
                Sent::Ping(bytes) => {
                    wire.extend(client(true, OpCode::Ping, bytes));
                    expected.push(Event::Ping(bytes.clone().into()));
                }
                Sent::Pong(bytes) => {
                    wire.extend(client(true, OpCode::Pong, bytes));
                    expected.push(Event::Pong(bytes.clone().into()));
                }
            }
        }
        let (mut chunks, mut rest) = (Vec::new(), &wire[..]);
        for split in splits.iter().cycle() {
            if rest.is_empty() { break }
            let (chunk, more) = rest.split_at((*split).min(rest.len()));
            chunks.push(chunk);
            rest = more;
        }
        let (events, error) = read(&mut Reader::new(1 << 20), chunks);
        prop_assert_eq!(error, None);
        prop_assert_eq!(events, expected);
    }

    #[test]
    fn no_input_panics_and_no_error_depends_on_the_split(
        bytes in vec(any::<u8>(), 0..200), valid in vec(sent(), 0..3), at in any::<usize>(),
    ) {
        // Noise alone seldom passes a header, so it also replaces a part of something valid.
        let mut wire = Vec::new();
        for message in valid {
            wire.extend(match message {
                Sent::Text(text) => client(true, OpCode::Text, text.as_bytes()),
                Sent::Binary(bytes) => client(false, OpCode::Binary, &bytes),
                Sent::Ping(bytes) | Sent::Pong(bytes) => client(true, OpCode::Close, &bytes),
            });
        }
        let at = at % (wire.len() + 1);
        wire.truncate(at);
        wire.extend(bytes);
        let whole = read(&mut Reader::new(1000), [&wire[..]]);
        for size in [1, 2, 7] {
            let split = read(&mut Reader::new(1000), wire.chunks(size));
            prop_assert_eq!(&split, &whole);
        }
    }

    #[test]
    fn reads_what_another_implementation_writes(messages in vec(sent(), 1..8), split in 1usize..70_000) {
        use tungstenite::Message;
        let mut peer = tungstenite::WebSocket::from_raw_socket(Wire::default(), Role::Client, None);
        let mut expected = Vec::new();
        for message in messages {
            let (message, event) = match message {
                Sent::Text(text) => (Message::text(text.clone()), Event::Text(text.into())),
                Sent::Binary(bytes) => (Message::binary(bytes.clone()), Event::Binary(bytes.into())),
                Sent::Ping(bytes) => (Message::Ping(bytes.clone().into()), Event::Ping(bytes.into())),
                Sent::Pong(bytes) => (Message::Pong(bytes.clone().into()), Event::Pong(bytes.into())),
            };
            peer.send(message).unwrap();
            expected.push(event);
        }
        peer.close(None).unwrap();
        expected.push(Event::Close(None, "".into()));
        let wire = &peer.get_ref().written;
        let (events, error) = read(&mut Reader::new(1 << 20), wire.chunks(split));
        prop_assert_eq!(error, None);
        prop_assert_eq!(events, expected);
    }

    #[test]
    fn another_implementation_reads_what_we_write(messages in vec(sent(), 1..8)) {
        use tungstenite::Message;
        let (mut wire, mut expected) = (Vec::new(), Vec::new());
        for message in messages {
            let (opcode, bytes, message) = match message {
                Sent::Text(text) => (OpCode::Text, text.clone().into_bytes(), Message::text(text)),
                Sent::Binary(bytes) => (OpCode::Binary, bytes.clone(), Message::binary(bytes)),
                Sent::Ping(bytes) => (OpCode::Ping, bytes.clone(), Message::Ping(bytes.into())),
                Sent::Pong(bytes) => (OpCode::Pong, bytes.clone(), Message::Pong(bytes.into())),
            };
            wire.extend_from_slice(&frame::encode(opcode, &bytes));
            expected.push(message);
        }
        let stream = Wire { to_read: Cursor::new(wire), ..Wire::default() };
        let mut peer = tungstenite::WebSocket::from_raw_socket(stream, Role::Client, None);
        for message in expected {
            prop_assert_eq!(peer.read().unwrap(), message);
        }
    }
}

/// A stream for the other implementation: reads one buffer, writes another.
#[derive(Debug, Default)]
struct Wire {
    to_read: Cursor<Vec<u8>>,
    written: Vec<u8>,
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.to_read.read(buf)
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.written.write(buf)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn too_big_is_decided_at_the_header() {
    // A declared gigabyte and not a byte of it.
    let mut header = BytesMut::new();
    let length = 1 << 30;
    Header { fin: true, rsv: Rsv::NONE, opcode: OpCode::Binary, mask: Some(KEY), length }
        .write(&mut header);
    let (events, error) = read(&mut Reader::new(64 << 10), [&header[..]]);
    assert_eq!((events, error), (vec![], Some(ReadError::TooBig { limit: 64 << 10 })));
}

#[test]
fn too_big_counts_all_fragments() {
    let mut wire = client(false, OpCode::Text, &[b'a'; 60]);
    wire.extend(client(false, OpCode::Continuation, &[b'a'; 40]));
    assert_eq!(read(&mut Reader::new(100), [&wire[..]]).1, None);
    // Only the header of the byte too many.
    wire.extend(&client(true, OpCode::Continuation, b"a")[..6]);
    let error = read(&mut Reader::new(100), [&wire[..]]).1;
    assert_eq!(error, Some(ReadError::TooBig { limit: 100 }));
}

#[test]
fn a_control_frame_does_not_count_towards_the_message() {
    let mut wire = client(false, OpCode::Text, b"0123456789");
    wire.extend(client(true, OpCode::Ping, &[0; 100]));
    wire.extend(client(true, OpCode::Continuation, b""));
    let (events, error) = read(&mut Reader::new(10), [&wire[..]]);
    assert_eq!(error, None);
    assert_eq!(events[1], Event::Text("0123456789".into()));
}

#[test]
fn a_lying_sum_does_not_overflow() {
    let mut wire = client(false, OpCode::Binary, b"a");
    let length = (1 << 63) - 1;
    let mut header = BytesMut::new();
    Header { fin: true, rsv: Rsv::NONE, opcode: OpCode::Continuation, mask: Some(KEY), length }
        .write(&mut header);
    wire.extend_from_slice(&header);
    let error = read(&mut Reader::new(usize::MAX), [&wire[..]]).1;
    // On 64 bits this is within the limit and simply never completes.
    assert!(matches!(error, None | Some(ReadError::TooBig { .. })), "{error:?}");
}

#[test]
fn text_is_refused_as_soon_as_it_cannot_be_utf8() {
    let whole = client(true, OpCode::Text, b"good \xf4\x90\x80\x80 and a long rest");
    let mut reader = Reader::new(1000);
    let header = 6;
    assert_eq!(read(&mut reader, [&whole[..header + 6]]).1, None);
    let error = read(&mut reader, [&whole[header + 6..header + 7]]).1;
    assert_eq!(error, Some(ReadError::InvalidUtf8));
}

#[test]
fn text_that_ends_inside_a_character_is_refused() {
    assert_eq!(error_of(&client(true, OpCode::Text, b"\xe2\x82")), Some(ReadError::InvalidUtf8));
    let mut wire = client(false, OpCode::Text, b"\xe2");
    wire.extend(client(false, OpCode::Continuation, b"\x82"));
    wire.extend(client(true, OpCode::Continuation, b"\xac"));
    assert_eq!(read_whole(&wire).0, [Event::Text("€".into())]);
    assert_eq!(error_of(&client(true, OpCode::Binary, b"\xe2\x82")), None);
}

/// The texts and refusals of a message that comes whole, byte by byte, and in two frames, however it is
/// cut, as the standard library judges its UTF-8.
#[test]
fn utf8_is_judged_alike_at_every_offset_and_over_every_cut() {
    // Two, three and four bytes, and what is none of these: alone, cut off, overlong, a surrogate, above
    // the last character, a byte that never is.
    let inserted: [&[u8]; 9] = [
        "é".as_bytes(),
        "€".as_bytes(),
        "😀".as_bytes(),
        b"\x80",
        b"\xe2\x82",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xff",
    ];
    for inserted in inserted {
        for before in 0..=33 {
            let text = [&b"a".repeat(before), inserted, &b"z".repeat(33 - before)].concat();
            let expected = match std::str::from_utf8(&text) {
                Ok(text) => (vec![Event::Text(text.into())], None),
                Err(_) => (vec![], Some(ReadError::InvalidUtf8)),
            };
            let whole = client(true, OpCode::Text, &text);
            assert_eq!(read_whole(&whole), expected, "{text:x?}");
            assert_eq!(read(&mut Reader::new(1000), whole.chunks(1)), expected, "{text:x?}");
            for cut in 0..=text.len() {
                let mut wire = client(false, OpCode::Text, &text[..cut]);
                wire.extend(client(true, OpCode::Continuation, &text[cut..]));
                assert_eq!(read_whole(&wire), expected, "{text:x?} cut at {cut}");
            }
        }
    }
}

#[test]
fn a_message_that_is_whole_in_its_chunk_is_bounded_and_leaves_the_rest() {
    let most = client(true, OpCode::Binary, &[7; 100]);
    let more = client(true, OpCode::Binary, &[7; 101]);
    let mut wire =
        [client(true, OpCode::Text, b""), most, client(true, OpCode::Text, b"a")].concat();
    let expected =
        [Event::Text("".into()), Event::Binary(vec![7; 100].into()), Event::Text("a".into())];
    assert_eq!(read(&mut Reader::new(100), [&wire[..]]), (expected.to_vec(), None));
    wire.extend(more);
    let error = Some(ReadError::TooBig { limit: 100 });
    assert_eq!(read(&mut Reader::new(100), [&wire[..]]), (expected.to_vec(), error));
}

/// A chunk is what was read at once, far more than most messages.
#[test]
fn neither_the_reader_nor_a_message_keeps_a_chunk() {
    let mut wire = client(true, OpCode::Text, b"text");
    wire.extend(client(true, OpCode::Ping, b""));
    for size in 1..=wire.len() {
        let mut reader = Reader::new(100);
        let mut events = Vec::new();
        for chunk in wire.chunks(size) {
            let chunk = Bytes::copy_from_slice(chunk);
            let mut input = chunk.clone();
            while let Some(event) = reader.next(&mut input).unwrap() {
                events.push(event);
            }
            assert!(chunk.is_unique(), "in chunks of {size}, after {events:?}");
        }
        assert_eq!(events, [Event::Text("text".into()), Event::Ping(Bytes::new())]);
    }
}

#[test]
fn protocol_errors() {
    let protocol = |error: ProtocolError| Some(ReadError::Protocol(error));
    assert_eq!(error_of(&[0x81, 0]), protocol(ProtocolError::Unmasked));
    assert_eq!(error_of(&[0xc1, 0x80, 0, 0, 0, 0]), protocol(ProtocolError::ReservedBit));
    assert_eq!(error_of(&[0x83]), None);
    assert_eq!(error_of(&[0x83, 0x80]), protocol(HeaderError::ReservedOpcode.into()));
    let stray = client(true, OpCode::Continuation, b"a");
    assert_eq!(error_of(&stray), protocol(ProtocolError::NothingToContinue));
    let mut interleaved = client(false, OpCode::Text, b"a");
    interleaved.extend(client(true, OpCode::Text, b"a"));
    assert_eq!(error_of(&interleaved), protocol(ProtocolError::Interleaved));
    let mut finished = client(true, OpCode::Text, b"a");
    finished.extend(client(true, OpCode::Continuation, b"a"));
    assert_eq!(error_of(&finished), protocol(ProtocolError::NothingToContinue));
    let half = client(true, OpCode::Close, b"\x03");
    assert_eq!(error_of(&half), protocol(ProtocolError::CloseHalfACode));
    let code = client(true, OpCode::Close, &1005u16.to_be_bytes());
    assert_eq!(error_of(&code), protocol(ProtocolError::CloseCode(1005)));
    let reason = client(true, OpCode::Close, b"\x03\xe8\xff");
    assert_eq!(error_of(&reason), Some(ReadError::InvalidUtf8));
}

#[test]
fn nothing_is_read_after_a_close_frame_or_an_error() {
    let mut wire = client(true, OpCode::Close, b"\x03\xe8bye");
    wire.extend(client(true, OpCode::Text, b"too late"));
    let (events, error) = read_whole(&wire);
    assert_eq!(events, [Event::Close(Some(CloseCode::NORMAL), "bye".into())]);
    assert_eq!(error, None);

    let mut reader = Reader::new(10);
    assert!(read(&mut reader, [&[0x83, 0x80][..]]).1.is_some());
    assert_eq!(read(&mut reader, [&client(true, OpCode::Text, b"a")[..]]), (vec![], None));
}
