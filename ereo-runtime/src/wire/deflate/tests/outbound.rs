//! What is sent.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::*;
use crate::message::{Payload, Uncompressed};
use crate::wire::deflate::compressor::deflate;
use crate::wire::deflate::outbound::{Form, Outbound};
use crate::wire::deflate::shared::SharedForms;
use crate::wire::deflate::window::Window;
use crate::wire::encoded::{Encoded, encode_message};

fn encoded(message: &[u8]) -> Encoded {
    encode_message(&Payload::Binary(Bytes::copy_from_slice(message))).unwrap()
}

/// Whether the frame is compressed, and its payload.
fn parse(frame: &[u8]) -> (bool, &[u8]) {
    let (header, size) = Header::parse(frame).unwrap().unwrap();
    assert_eq!((header.fin, header.opcode, header.mask), (true, OpCode::Binary, None));
    let payload = &frame[size..];
    assert_eq!(header.length, payload.len() as u64);
    (header.rsv == Rsv::RSV1, payload)
}

/// Inflates as a peer whose memory is the window: what refers to bytes before it is an error, or finds
/// others.
fn inflate_within(window: Window, compressed: &[u8]) -> Vec<u8> {
    let compressed = [compressed, &crate::wire::deflate::TAIL].concat();
    // The ring that this decoder writes to is all that it can refer to.
    let mut ring = vec![0; window.size()];
    let mut decoder = DecompressorOxide::new();
    let (mut read, mut at, mut out) = (0, 0, Vec::new());
    loop {
        let flags = TINFL_FLAG_HAS_MORE_INPUT;
        let (status, taken, written) =
            decompress(&mut decoder, &compressed[read..], &mut ring, at, flags);
        read += taken;
        out.extend_from_slice(&ring[at..at + written]);
        at = (at + written) % ring.len();
        match status {
            TINFLStatus::HasMoreOutput => {}
            TINFLStatus::NeedsMoreInput => return out,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_peer_with_a_window_is_strict() {
    let far = [&b"0123456789abcdef"[..], &[b' '; 600], b"0123456789abcdef"].concat();
    let compressed = Peer::new().compress(&far);
    assert_eq!(inflate_within(Window::MAX, &compressed), far);
    let narrow = || inflate_within(Window::new(9).unwrap(), &compressed);
    assert!(std::panic::catch_unwind(narrow).map_or(true, |out| out != far));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_peer_with_context_reads_every_message(messages in vec(message(), 1..8)) {
        let outbound = Outbound::new(Some(agreed(Compression::On, "; client_max_window_bits")), 100);
        let mut peer = Peer::new();
        for message in &messages {
            let frame = outbound.wire(encoded(message));
            let (compressed, payload) = parse(&frame);
            prop_assert_eq!(compressed, message.len() >= 100);
            if compressed {
                prop_assert_eq!(&peer.inflate(payload, message.len()), message);
            } else {
                prop_assert_eq!(payload, &message[..]);
            }
        }
    }

    #[test]
    fn a_peer_without_context_reads_every_message_alone(messages in vec(message(), 1..5)) {
        let outbound =
            Outbound::new(Some(agreed(Compression::On, "; server_no_context_takeover")), 1);
        for message in &messages {
            let frame = outbound.wire(encoded(message));
            let (compressed, payload) = parse(&frame);
            prop_assert_eq!(compressed, !message.is_empty());
            if compressed {
                prop_assert_eq!(&Peer::new().inflate(payload, message.len()), message);
            }
        }
    }

    #[test]
    fn a_broadcast_stays_within_each_window(message in message(), bits in 9u8..=15) {
        let window = Window::new(bits).unwrap();
        let forms = SharedForms::default();
        let form = Form::Shared { window, threshold: 1 };
        let plain = encoded(&message);
        let frame = forms.get(&plain, form, &mut 0).into_frame();
        prop_assert!(frame.len() <= plain.frame().len(), "never larger");
        if let (true, payload) = parse(&frame) {
            prop_assert_eq!(inflate_within(window, payload), message);
        }
    }

    #[test]
    fn context_stays_within_its_window(messages in vec(message(), 2..6)) {
        let offer = "; server_max_window_bits=9; client_no_context_takeover";
        let outbound = Outbound::new(Some(agreed(Compression::On, offer)), 1);
        let mut all = Vec::new();
        for message in messages.iter().filter(|message| !message.is_empty()) {
            let frame = outbound.wire(encoded(message));
            // As one stream, with the flush between two messages that was taken off.
            all.extend_from_slice(parse(&frame).1);
            all.extend_from_slice(&crate::wire::deflate::TAIL);
        }
        all.truncate(all.len().saturating_sub(4));
        if !all.is_empty() {
            prop_assert_eq!(inflate_within(Window::new(9).unwrap(), &all), messages.concat());
        }
    }
}

#[test]
fn readers_share_one_compression_of_a_window_and_of_all_that_hold_the_message() {
    let plain = encoded(&b"0123456789abcdef".repeat(64));
    let forms = SharedForms::default();
    let get = |bits| {
        let window = Window::new(bits).unwrap();
        let mut made = 0;
        let form = forms.get(&plain, Form::Shared { window, threshold: 1 }, &mut made);
        (form.into_frame(), made)
    };
    let (frame, made) = get(15);
    assert!(frame.len() < 100 && made > frame.len(), "what is made is told");
    // 1024 bytes fit into the windows from 2^10 on.
    for bits in 10..=15 {
        let (other, made) = get(bits);
        assert_eq!((other.as_ptr(), made), (frame.as_ptr(), 0), "2^{bits}");
    }
    let (narrow, made) = get(9);
    assert!(narrow.as_ptr() != frame.as_ptr() && made > narrow.len());
    assert_eq!(get(9).0.as_ptr(), narrow.as_ptr());
}

#[test]
fn a_context_makes_like_messages_small_and_costs_no_more_than_its_window() {
    let outbound = Outbound::new(Some(agreed(Compression::On, "")), 1);
    let message =
        |n: u32| format!(r#"{{"type":"message","userId":"ann","id":{n},"text":"hello"}}"#);
    let sizes: Vec<_> =
        (0..100).map(|n| outbound.wire(encoded(message(n).as_bytes())).len()).collect();
    assert!(sizes[0] > 40 && sizes[99] < 15, "{sizes:?}");
}

#[test]
fn what_is_marked_is_sent_as_it_is() {
    let outbound = Outbound::new(Some(agreed(Compression::On, "")), 1);
    let secret = Payload::Binary(vec![b'x'; 1000].into());
    let plain = encode_message(&Uncompressed(secret.clone())).unwrap();
    assert_eq!(parse(&outbound.wire(plain.clone())), (false, &[b'x'; 1000][..]));
    let form = Form::Shared { window: Window::MAX, threshold: 1 };
    assert_eq!(SharedForms::default().get(&plain, form, &mut 0).frame(), plain.frame());
    assert!(parse(&outbound.wire(encode_message(&secret).unwrap())).0);
}

#[test]
fn with_broadcast_what_is_sent_to_one_client_goes_as_it_is() {
    let outbound = Outbound::new(Some(agreed(Compression::Broadcast, "")), 1);
    assert!(!parse(&outbound.wire(encoded(&[b'x'; 1000]))).0);
    assert!(matches!(outbound.broadcasts(), Form::Shared { .. }));
}

#[test]
fn what_does_not_get_smaller_grows_by_a_few_bytes() {
    let noise: Vec<u8> =
        (0u64..50_000).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8).collect();
    let plain = encoded(&noise);
    let compressed = deflate(plain.frame(), Window::MAX, &[]).unwrap();
    assert!(compressed.len() <= plain.len() + noise.len() / 1000 + 16, "{}", compressed.len());
}
