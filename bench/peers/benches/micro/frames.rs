//! Frames of RFC 6455, out and in.

/// A server's text frame.
mod encode {
    use std::hint::black_box;

    use actix_http::ws::{Codec, Message};
    use bytes::BytesMut;
    use divan::Bencher;
    use ereo_runtime::websocket::frame::{OpCode, encode};
    use tokio_util::codec::Encoder as _;
    use tungstenite::protocol::frame::Frame;
    use tungstenite::protocol::frame::coding::{Data, OpCode as Code};

    use crate::{made, text};

    const SIZES: &[usize] = &[150, 10_000];

    #[divan::bench(args = SIZES)]
    fn ereo(bencher: Bencher<'_, '_>, size: usize) {
        let payload = text(size);
        bencher.bench_local(|| made(encode(OpCode::Text, black_box(payload.as_bytes()))));
    }

    #[divan::bench(args = SIZES)]
    fn tungstenite(bencher: Bencher<'_, '_>, size: usize) {
        let payload = bytes::Bytes::from(text(size));
        bencher.bench_local(|| {
            let mut out = Vec::with_capacity(size + 14);
            let frame = Frame::message(black_box(&payload).clone(), Code::Data(Data::Text), true);
            frame.format(&mut out).expect("a Vec takes all");
            made(out);
        });
    }

    #[divan::bench(args = SIZES)]
    fn actix_http(bencher: Bencher<'_, '_>, size: usize) {
        let payload = bytestring::ByteString::from(text(size));
        let mut codec = Codec::new();
        bencher.bench_local(|| {
            let mut out = BytesMut::with_capacity(size + 14);
            codec
                .encode(Message::Text(black_box(&payload).clone()), &mut out)
                .expect("a text is valid");
            made(out);
        });
    }
}

/// A client's masked text frame, whole in a chunk that was read: header, mask, UTF-8.
mod read {
    use std::hint::black_box;

    use actix_http::ws::{Codec, Frame};
    use bytes::{Bytes, BytesMut};
    use bytestring::ByteString;
    use divan::Bencher;
    use ereo_runtime::websocket::reader::Reader;
    use tokio_util::codec::Decoder as _;
    use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

    use crate::{made, text};

    const SIZES: &[usize] = &[150, 10_000];
    const MOST: usize = 64 << 10;
    /// What Ereo reads from a socket at once.
    const READ: usize = 16 << 10;

    fn masked(size: usize) -> Vec<u8> {
        let mut frame = Vec::new();
        ereo_bench::wire::masked_frame(&mut frame, text(size).as_bytes());
        frame
    }

    /// Copies out of the chunk, so that a message does not keep all that was read with it.
    #[divan::bench(args = SIZES)]
    fn ereo(bencher: Bencher<'_, '_>, size: usize) {
        let frame = Bytes::from(masked(size));
        let mut reader = Reader::new(MOST);
        bencher.with_inputs(|| frame.clone()).bench_local_values(|frame| {
            let read = reader.next(&mut black_box(frame));
            made(read.expect("the frame is valid").expect("and whole"));
        });
    }

    /// With its stream and the copy from it: it has no reader without one.
    #[divan::bench(args = SIZES)]
    fn tungstenite(bencher: Bencher<'_, '_>, size: usize) {
        let stream = Endless::new(masked(size));
        // It clears so many bytes before each read; by default 128 KiB.
        let config = WebSocketConfig::default().read_buffer_size(READ);
        let mut socket = WebSocket::from_raw_socket(stream, Role::Server, Some(config));
        bencher.bench_local(|| made(socket.read().expect("the frame is valid")));
    }

    /// Decodes in place, so it is given a copy, which is not timed; any bytes are a text to it.
    #[divan::bench(args = SIZES)]
    fn actix_http_unchecked(bencher: Bencher<'_, '_>, size: usize) {
        let frame = masked(size);
        let mut codec = Codec::new();
        bencher.with_inputs(|| BytesMut::from(frame.as_slice())).bench_local_refs(|frame| {
            made(codec.decode(frame).expect("the frame is valid").expect("and whole"));
        });
    }

    /// The same, and then UTF-8 as actix-ws checks it.
    #[divan::bench(args = SIZES)]
    fn actix_http(bencher: Bencher<'_, '_>, size: usize) {
        let frame = masked(size);
        let mut codec = Codec::new();
        bencher.with_inputs(|| BytesMut::from(frame.as_slice())).bench_local_refs(|frame| {
            let Ok(Some(Frame::Text(text))) = codec.decode(frame) else {
                unreachable!("a whole text")
            };
            made(ByteString::try_from(text).expect("it is UTF-8"));
        });
    }

    /// A stream that brings one frame a read, for ever.
    struct Endless {
        frame: Vec<u8>,
        at: usize,
    }

    impl Endless {
        fn new(frame: Vec<u8>) -> Self {
            Self { frame, at: 0 }
        }
    }

    impl std::io::Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = buffer.len().min(self.frame.len() - self.at);
            buffer[..size].copy_from_slice(&self.frame[self.at..self.at + size]);
            self.at = (self.at + size) % self.frame.len();
            Ok(size)
        }
    }

    impl std::io::Write for Endless {
        fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
            Ok(buffer.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
