//! The decoder of the clients against one that shares nothing with it.

use ereo_runtime::test::{Decoded, EventStream, TooLarge};
use proptest::prelude::*;

use crate::event_stream::{Dispatched, EventStream as Standard};

/// Bytes that like what matters here.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let text = |text: &'static str| Just(text.as_bytes().to_vec());
    let piece = prop_oneof![
        text("\r"),
        text("\n"),
        text("\r\n"),
        text("\n\n"),
        text(":"),
        text(" "),
        text("\0"),
        text("\u{feff}"),
        text("data"),
        text("data: x"),
        text("data:"),
        text("event: note"),
        text("event"),
        text("id: 7"),
        text("id"),
        text("retry: 250"),
        text("retry: 1x"),
        text("DATA: no field"),
        text("\u{e9}"),
        Just(vec![0xff]),
        Just(vec![0xe2, 0x82]),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// What a stream of these chunks dispatches, and how many comments it has.
fn decoded(chunks: &[&[u8]]) -> (Vec<Dispatched>, usize, EventStream) {
    let mut stream = EventStream::within(1 << 20);
    let (mut dispatched, mut comments) = (Vec::new(), 0);
    for chunk in chunks {
        let mut bytes = *chunk;
        while let Some(decoded) = stream.next(&mut bytes).unwrap() {
            match decoded {
                Decoded::Event(event) => dispatched.push(Dispatched {
                    event: event.name.unwrap_or_else(|| "message".to_owned()),
                    data: event.data,
                    last_event_id: stream.last_event_id().to_owned(),
                }),
                Decoded::Comment(_) => comments += 1,
                Decoded::Empty => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(bytes.is_empty(), "all is taken");
    }
    (dispatched, comments, stream)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn both_read_the_same_however_the_network_cuts(
        bytes in bytes(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        // What begins a line ends the wait for the LF of a CRLF.
        let bytes = [&bytes[..], b":\n"].concat();
        let mut cuts = Vec::from_iter(cuts.iter().map(|cut| cut.index(bytes.len() + 1)));
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks = Vec::from_iter(cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]));
        let mut standard = Standard::default();
        let expected = Vec::from_iter(chunks.iter().flat_map(|chunk| standard.feed(chunk)));
        let (dispatched, comments, stream) = decoded(&chunks);
        prop_assert_eq!(dispatched, expected);
        prop_assert_eq!(comments, standard.comments);
        prop_assert_eq!(stream.last_event_id(), &standard.last_event_id);
        prop_assert_eq!(stream.retry().map(|retry| retry.as_millis() as u64), standard.retry);
    }
}

#[test]
fn a_cr_ends_its_line_without_a_look_at_what_follows() {
    let (dispatched, _, _) = decoded(&[b"data: x\r\r"]);
    assert_eq!(dispatched.len(), 1);
    let (dispatched, _, _) = decoded(&[b"data: x\r", b"\n\r", b"\ndata: y\n", b"\n"]);
    assert_eq!(Vec::from_iter(dispatched.iter().map(|event| &*event.data)), ["x", "y"]);
}

#[test]
fn what_is_no_number_leaves_the_retry_as_it_is() {
    let (_, _, stream) = decoded(&[b"retry: 5\nretry:\nretry: 99999999999999999999\nretry: -1\n"]);
    assert_eq!(stream.retry().unwrap().as_millis(), 5);
}

#[test]
fn neither_a_line_nor_an_event_grows_without_bound() {
    let too_large = Err(TooLarge { max: 1000 });
    let chunk = [b'x'; 600];
    for (start, then) in [("data: ", ""), ("", ""), (": ", ""), ("data: ", "\ndata: ")] {
        let mut stream = EventStream::within(1000);
        assert_eq!(stream.next(&mut start.as_bytes()), Ok(None), "{start}");
        assert_eq!(stream.next(&mut &chunk[..]), Ok(None), "{start}");
        assert_eq!(stream.next(&mut then.as_bytes()), Ok(None), "{start}");
        let rest = [&chunk[..], b"\n"].concat();
        assert_eq!(stream.next(&mut &rest[..]), too_large, "{start}");
    }
    // Lines of nothing count, too.
    let mut stream = EventStream::within(1000);
    let lines = b"data\n".repeat(1001);
    assert_eq!(stream.next(&mut &lines[..]), too_large);
    // As large as it may be is not too large, however often.
    let mut stream = EventStream::within(1000);
    for _ in 0..10 {
        let event = [b"data: ", &[b'y'; 994][..], b"\n\n"].concat();
        assert!(matches!(stream.next(&mut &event[..]), Ok(Some(Decoded::Event(_)))));
    }
}
