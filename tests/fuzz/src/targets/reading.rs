//! What a reader makes of a connection's bytes, in every split, within its bounds.

use bytes::Bytes;
use ereo_runtime::Compression;
use ereo_runtime::fuzzing;
use ereo_runtime::websocket::reader::{Event, ReadError, Reader};

use crate::input::Pieces;

/// Memory of a connection and of its thread beside the message: a context, the inflaters that a thread
/// keeps, the parts of a reader.
const BESIDE: u64 = 320 << 10;

/// How a connection is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    limit: usize,
    compression: Compression,
}

impl Setting {
    /// The setting that a byte stands for.
    pub(super) fn of(byte: u8) -> Self {
        let limit = [16, 125, 5000, 64 << 10, 1 << 20][usize::from(byte & 7) % 5];
        let compression = match byte >> 6 {
            0 => Compression::Off,
            1 => Compression::Broadcast,
            _ => Compression::On,
        };
        Self { limit, compression }
    }

    fn reader(self) -> Reader {
        let offer = "permessage-deflate; client_max_window_bits";
        fuzzing::reader(self.limit, self.compression, offer)
    }

    /// Reads `wire` whole, byte by byte and in pieces.
    pub(super) fn check(self, wire: &[u8]) {
        let whole = self.read(std::iter::once(Bytes::copy_from_slice(wire)));
        let bytewise = self.read(wire.chunks(1).map(Bytes::copy_from_slice));
        self.assert_same(&whole, &bytewise);
        let pieces = self.read(Pieces::of(wire).cut(wire).into_iter());
        self.assert_same(&whole, &pieces);
        self.assert_bounded(wire);
    }

    /// All events up to the first error.
    fn read(self, chunks: impl Iterator<Item = Bytes>) -> (Vec<Event>, Option<ReadError>) {
        let mut reader = self.reader();
        let mut events = Vec::new();
        for chunk in chunks {
            let mut input = chunk;
            loop {
                match reader.next(&mut input) {
                    Ok(Some(event)) => {
                        self.assert_fits(&event);
                        let last = matches!(event, Event::Close(..));
                        events.push(event);
                        if last {
                            assert_silent(&mut reader);
                            return (events, None);
                        }
                    }
                    Ok(None) => {
                        assert!(input.is_empty(), "more is asked for, and not all was taken");
                        break;
                    }
                    Err(error) => {
                        assert_silent(&mut reader);
                        return (events, Some(error));
                    }
                }
            }
        }
        (events, None)
    }

    /// The same messages, and the same end. Where data is inflated the end may have another reason:
    /// of two faults in one piece the later one may be found first.
    fn assert_same(
        self,
        (events, error): &(Vec<Event>, Option<ReadError>),
        (others, other): &(Vec<Event>, Option<ReadError>),
    ) {
        assert_eq!(events, others, "messages depend on the split");
        if self.compression == Compression::Off {
            assert_eq!(error, other, "an error depends on the split");
        } else {
            assert_eq!(error.is_some(), other.is_some(), "{error:?} and {other:?}");
        }
    }

    fn assert_fits(self, event: &Event) {
        let (size, most) = match event {
            Event::Text(text) => (text.len(), self.limit),
            Event::Binary(bytes) => (bytes.len(), self.limit),
            Event::Ping(bytes) | Event::Pong(bytes) => (bytes.len(), 125),
            Event::Close(_, reason) => (reason.len(), 123),
        };
        assert!(size <= most, "{size} bytes where {most} are allowed");
    }

    /// One message is held, twice while its buffer grows, and nothing of what is only declared.
    fn assert_bounded(self, wire: &[u8]) {
        let wire = Bytes::copy_from_slice(wire);
        let most = 2 * self.limit as u64 + BESIDE;
        let read = allocation_counter::measure(|| {
            let mut reader = self.reader();
            for start in (0..wire.len()).step_by(100) {
                let mut input = wire.slice(start..wire.len().min(start + 100));
                while let Ok(Some(event)) = reader.next(&mut input) {
                    drop(event);
                }
            }
        });
        assert!(read.bytes_max <= most, "{} bytes held, {most} allowed", read.bytes_max);
    }
}

/// Behind the end everything is thrown away.
fn assert_silent(reader: &mut Reader) {
    // A masked text frame, `hi`.
    let mut more = Bytes::from_static(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
    assert_eq!(reader.next(&mut more), Ok(None));
    assert!(more.is_empty());
}
