//! What a client sends.

use super::*;
use crate::websocket::ProtocolError;
use crate::websocket::reader::tests::read;
use crate::wire::deflate::inbound::Work;
use crate::wire::mask;

const KEY: [u8; 4] = [0x12, 0x00, 0xff, 0x7e];

fn client(fin: bool, rsv: Rsv, opcode: OpCode, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u64;
    let mut out = BytesMut::new();
    Header { fin, rsv, opcode, mask: Some(KEY), length }.write(&mut out);
    let start = out.len();
    out.extend_from_slice(payload);
    mask::apply(&mut out[start..], KEY, 0);
    out.to_vec()
}

/// One compressed message in one frame.
fn text(payload: &[u8]) -> Vec<u8> {
    client(true, Rsv::RSV1, OpCode::Text, payload)
}

fn reader(parameters: &str, limit: usize) -> Reader {
    Reader::new(limit).inflating(Some(agreed(Compression::On, parameters)))
}

/// What a reader without context makes of the bytes, whole and byte by byte.
fn read_all(wire: &[u8], limit: usize) -> (Vec<Event>, Option<ReadError>) {
    let whole = read(&mut reader("", limit), [wire]);
    let bytewise = read(&mut reader("", limit), wire.chunks(1));
    assert_eq!(whole, bytewise);
    whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn reads_what_another_implementation_compresses(
        messages in vec((message(), vec(any::<usize>(), 0..4), any::<bool>()), 1..5),
        split in 1usize..9000,
    ) {
        let (mut wire, mut expected) = (Vec::new(), Vec::new());
        for (message, cuts, compressed) in &messages {
            let payload =
                if *compressed { Peer::new().compress(message) } else { message.clone() };
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (payload.len() + 1)).collect();
            cuts.extend([0, payload.len()]);
            cuts.sort_unstable();
            let last = cuts.len() - 2;
            for (i, part) in cuts.windows(2).enumerate() {
                let first = i == 0;
                let rsv = if first && *compressed { Rsv::RSV1 } else { Rsv::NONE };
                let opcode = if first { OpCode::Binary } else { OpCode::Continuation };
                wire.extend(client(i == last, rsv, opcode, &payload[part[0]..part[1]]));
                if i < last {
                    wire.extend(client(true, Rsv::NONE, OpCode::Ping, b"between"));
                    expected.push(Event::Ping("between".into()));
                }
            }
            expected.push(Event::Binary(message.clone().into()));
        }
        let found = read(&mut reader("", 1 << 20), wire.chunks(split));
        prop_assert_eq!(found, (expected, None));
    }

    #[test]
    fn a_client_with_context_is_followed(messages in vec(message(), 1..8), split in 1usize..9000) {
        // zlib itself, with the window that it was told.
        let mut zlib = flate2::Compress::new_with_window_bits(flate2::Compression::best(), false, 12);
        let mut wire = Vec::new();
        for message in &messages {
            let mut out = Vec::with_capacity(message.len() + 1000);
            zlib.compress_vec(message, &mut out, flate2::FlushCompress::Sync).unwrap();
            // Of nothing zlib makes nothing, which is not what section 7.2.3.6 has for it.
            let payload = if message.is_empty() { &[0][..] } else { out.strip_suffix(&crate::wire::deflate::TAIL).unwrap() };
            wire.extend(client(true, Rsv::RSV1, OpCode::Binary, payload));
        }
        let expected: Vec<_> =
            messages.iter().map(|message| Event::Binary(message.clone().into())).collect();
        let found = read(&mut reader("; client_max_window_bits", 1 << 20), wire.chunks(split));
        prop_assert_eq!(found, (expected, None));
    }

    #[test]
    fn noise_is_no_panic_and_never_more_than_the_limit(
        payload in vec(any::<u8>(), 0..400), message in message(), at in any::<usize>(),
    ) {
        // Half of it valid, so that the noise is reached inside of blocks too.
        let mut noisy = Peer::new().compress(&message);
        noisy.truncate(at % (noisy.len() + 1));
        noisy.extend(payload);
        let (events, _) = read(&mut reader("", 5000), [&client(true, Rsv::RSV1, OpCode::Binary, &noisy)[..]]);
        for event in events {
            prop_assert!(matches!(event, Event::Binary(bytes) if bytes.len() <= 5000));
        }
    }

    #[test]
    fn a_message_without_its_end_is_corrupt(message in message(), cut in any::<usize>()) {
        let compressed = Peer::new().compress(&message);
        prop_assume!(compressed.len() > 4);
        let cut = 1 + cut % (compressed.len() - 4);
        let compressed = &compressed[..compressed.len() - cut];
        let wire = client(true, Rsv::RSV1, OpCode::Binary, compressed);
        let (events, error) = read(&mut reader("", 1 << 20), [&wire[..]]);
        match (&events[..], error) {
            ([], Some(ReadError::Corrupt)) => {}
            // The four bytes that the RFC appends may happen to complete what was cut, and they do for
            // every peer that follows it.
            ([Event::Binary(bytes)], None) => {
                prop_assert_eq!(Peer::new().inflate(compressed, message.len()), &bytes[..]);
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }
}

#[test]
fn the_examples_of_section_7_2_3() {
    let hello = Event::Text("Hello".into());
    let cases: [(&str, Vec<u8>); 5] = [
        ("one block", text(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])),
        (
            "in fragments",
            [
                client(false, Rsv::RSV1, OpCode::Text, &[0xf2, 0x48, 0xcd]),
                client(true, Rsv::NONE, OpCode::Continuation, &[0xc9, 0xc9, 0x07, 0x00]),
            ]
            .concat(),
        ),
        (
            "without compression",
            text(&[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]),
        ),
        ("in a last block", text(&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00])),
        (
            "in two blocks",
            text(&[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]),
        ),
    ];
    for (name, wire) in cases {
        assert_eq!(read_all(&wire, 5), (vec![hello.clone()], None), "{name}");
    }
    assert_eq!(read_all(&text(&[0x00]), 5), (vec![Event::Text("".into())], None));
    // The second one refers to the first.
    let wire =
        [text(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), text(&[0xf2, 0x00, 0x11, 0x00, 0x00])]
            .concat();
    let both = read(&mut reader("; client_max_window_bits", 5), [&wire[..]]);
    assert_eq!(both, (vec![hello.clone(), hello.clone()], None));
    // Which is corrupt where no context was agreed on.
    assert_eq!(read_all(&wire, 5), (vec![hello], Some(ReadError::Corrupt)));
}

#[test]
fn last_blocks_may_follow_each_other_and_refer_to_those_before() {
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    // Section 7.2.3.4's block, then one that refers to it, then the end that the RFC wants or none.
    for end in [&[0x00][..], &[]] {
        let payload = [&last[..], &[0xf3, 0x00, 0x11, 0x00], end].concat();
        let expected = (vec![Event::Text("HelloHello".into())], None);
        assert_eq!(read_all(&text(&payload), 10), expected, "{end:?}");
    }
    // Each of these costs as much as a window: a message has a few, not thousands.
    let many = [&last[..], &[0x03, 0x00].repeat(300)].concat();
    assert_eq!(read_all(&text(&many), 10), (vec![], Some(ReadError::Corrupt)));
}

#[test]
fn a_bomb_is_cut_at_the_limit() {
    const LIMIT: usize = 100_000;
    let bomb = |size: usize| {
        client(true, Rsv::RSV1, OpCode::Binary, &Peer::new().compress(&vec![0; size]))
    };
    assert!(bomb(64 << 20).len() < 70_000, "64 MiB in 64 KiB");
    assert_eq!(
        read_all(&bomb(64 << 20), LIMIT),
        (vec![], Some(ReadError::TooBig { limit: LIMIT }))
    );
    assert_eq!(read_all(&bomb(LIMIT + 1), LIMIT).1, Some(ReadError::TooBig { limit: LIMIT }));
    assert_eq!(read_all(&bomb(LIMIT), LIMIT).1, None);
}

#[test]
fn a_bomb_in_fragments_is_cut_before_its_end_has_come() {
    let compressed = Peer::new().compress(&vec![0; 1 << 20]);
    let wire = client(false, Rsv::RSV1, OpCode::Binary, &compressed[..compressed.len() / 2]);
    assert_eq!(read_all(&wire, 1000), (vec![], Some(ReadError::TooBig { limit: 1000 })));
}

#[test]
fn a_compressed_frame_that_no_message_needs_is_refused_at_its_header() {
    let declared = |length| {
        let mut out = BytesMut::new();
        Header { fin: true, rsv: Rsv::RSV1, opcode: OpCode::Binary, mask: Some(KEY), length }
            .write(&mut out);
        read_all(&out, 1000).1
    };
    assert_eq!(declared(1 << 30), Some(ReadError::TooBig { limit: 1000 }));
    // What cannot be compressed takes a few bytes more than it has.
    assert_eq!(declared(1010), None);
}

#[test]
fn the_bit_stands_on_the_first_frame_of_a_message_only() {
    let reserved = Some(ReadError::Protocol(ProtocolError::ReservedBit));
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let continued = [
        client(false, Rsv::RSV1, OpCode::Text, &hello[..3]),
        client(true, Rsv::RSV1, OpCode::Continuation, &hello[3..]),
    ];
    assert_eq!(read_all(&continued.concat(), 100).1, reserved);
    for control in [OpCode::Ping, OpCode::Pong, OpCode::Close] {
        assert_eq!(read_all(&client(true, Rsv::RSV1, control, b""), 100).1, reserved);
    }
    let unnegotiated = read(&mut Reader::new(100), [&text(&hello)[..]]);
    assert_eq!(unnegotiated.1, reserved);
    // The other two bits are nobody's.
    assert_eq!(read_all(&[0xa1, 0x80, 0, 0, 0, 0], 100).1, reserved);
    assert_eq!(read_all(&[0xd1, 0x80, 0, 0, 0, 0], 100).1, reserved);
}

#[test]
fn inflated_text_is_checked_while_it_comes() {
    let bad = Peer::new().compress(b"caf\xc3( and more");
    let error = Some(ReadError::InvalidUtf8);
    assert_eq!(read_all(&text(&bad), 100).1, error);
    // Without the end of the message.
    let begun = client(false, Rsv::RSV1, OpCode::Text, &bad);
    assert_eq!(read_all(&begun, 100).1, error);
    // A character across two fragments.
    let good = Peer::new().compress("κόσμε".as_bytes());
    let wire = [
        client(false, Rsv::RSV1, OpCode::Text, &good[..4]),
        client(true, Rsv::NONE, OpCode::Continuation, &good[4..]),
    ];
    assert_eq!(read_all(&wire.concat(), 100), (vec![Event::Text("κόσμε".into())], None));
}

/// Of many messages that are begun and not finished, a thread inflates a few; the others are kept as they came.
#[test]
fn what_many_leave_unfinished_is_inflated_once_it_is_whole() {
    let message: Vec<u8> = (0..60_000u32).map(|n| (n / 256) as u8).collect();
    let payload = Peer::new().compress(&message);
    let (begin, end) = payload.split_at(payload.len() - 3);
    let begun = client(false, Rsv::RSV1, OpCode::Binary, begin);
    let mut readers: Vec<_> = (0..100).map(|_| reader("", 1 << 20)).collect();
    let inflated = |reader: &mut Reader, wire: &[u8]| {
        let mut work = Work::default();
        let event = reader.read(&mut Bytes::copy_from_slice(wire), &mut work).unwrap();
        (event, work.inflated)
    };
    let at_once = |reader: &mut Reader| matches!(inflated(reader, &begun), (None, 1..));
    assert_eq!(readers.iter_mut().map(at_once).filter(|inflates| *inflates).count(), 32);
    let rest = client(true, Rsv::NONE, OpCode::Continuation, end);
    for reader in &mut readers {
        let whole = Some(Event::Binary(message.clone().into()));
        assert_eq!(inflated(reader, &rest).0, whole);
    }
    // All of them have given their inflaters back.
    assert!(at_once(&mut reader("", 1 << 20)));
}
