//! What arrives at one client, message by message.

use ereo_bench::wire;
use memchr::memmem;

/// How a server delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Events of `GET /api/feed`, in chunks.
    Sse,
    /// Text frames of `GET /api/ws`.
    Ws,
}

impl Protocol {
    /// What a client sends first.
    pub fn request(&self) -> String {
        match self {
            Self::Sse => {
                "GET /api/feed HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n"
                    .to_owned()
            }
            Self::Ws => wire::upgrade("/api/ws"),
        }
    }
}

/// Reads one connection: the response's head, then messages.
#[derive(Debug)]
pub struct Deliveries {
    protocol: Protocol,
    head_read: bool,
    /// What was received of a head, chunk or frame that is not whole yet.
    part: Vec<u8>,
    /// What the chunks brought of an event that is not whole yet.
    event: Vec<u8>,
    /// Pings that were not answered yet.
    pings: usize,
}

impl Deliveries {
    /// Before the response.
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, head_read: false, part: Vec::new(), event: Vec::new(), pings: 0 }
    }

    /// Whether the server has taken the connection.
    pub fn is_in(&self) -> bool {
        self.head_read
    }

    /// How many pings came since the last call.
    pub fn take_pings(&mut self) -> usize {
        std::mem::take(&mut self.pings)
    }

    /// Takes what was received, and calls `deliver` with each message that it ends.
    ///
    /// # Errors
    /// When the bytes are not what a server may send here.
    pub fn feed(&mut self, bytes: &[u8], deliver: &mut impl FnMut(&[u8])) -> Result<(), String> {
        if self.part.is_empty() {
            let taken = self.take(bytes, deliver)?;
            self.part.extend_from_slice(&bytes[taken..]);
        } else {
            let mut part = std::mem::take(&mut self.part);
            part.extend_from_slice(bytes);
            let taken = self.take(&part, deliver)?;
            part.drain(..taken);
            self.part = part;
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8], deliver: &mut impl FnMut(&[u8])) -> Result<usize, String> {
        let mut taken = 0;
        if !self.head_read {
            let Some(end) = wire::head(bytes) else { return Ok(0) };
            check_head(self.protocol, &bytes[..end])?;
            self.head_read = true;
            taken = end;
        }
        match self.protocol {
            Protocol::Ws => {
                while let Some((frame, size)) = wire::read_frame(&bytes[taken..]) {
                    match frame.opcode {
                        wire::TEXT => deliver(frame.payload),
                        wire::PING => self.pings += 1,
                        8 => {
                            return Err(format!(
                                "closed: {}",
                                String::from_utf8_lossy(frame.payload)
                            ));
                        }
                        _ => {}
                    }
                    taken += size;
                }
            }
            Protocol::Sse => {
                while let Some((payload, size)) = wire::read_chunk(&bytes[taken..])? {
                    if payload.is_empty() {
                        return Err("the stream ended".into());
                    }
                    self.events(payload, deliver);
                    taken += size;
                }
            }
        }
        Ok(taken)
    }

    /// Cuts at empty lines. Nobody here writes CR, so that is `\n\n`.
    fn events(&mut self, payload: &[u8], deliver: &mut impl FnMut(&[u8])) {
        if !self.event.is_empty() {
            self.event.extend_from_slice(payload);
            let whole = memmem::rfind(&self.event, b"\n\n").map_or(0, |at| at + 2);
            let tail = self.event.split_off(whole);
            let events = std::mem::replace(&mut self.event, tail);
            cut(&events, deliver);
            return;
        }
        let rest = cut(payload, deliver);
        self.event.extend_from_slice(rest);
    }
}

fn cut<'a>(events: &'a [u8], deliver: &mut impl FnMut(&[u8])) -> &'a [u8] {
    // Line by line, which is sooner done than a searcher for two line ends is made.
    let (mut start, mut line) = (0, 0);
    for end in memchr::memchr_iter(b'\n', events) {
        if end == line {
            deliver(&events[start..end.saturating_sub(1)]);
            start = end + 1;
        }
        line = end + 1;
    }
    &events[start..]
}

fn check_head(protocol: Protocol, head: &[u8]) -> Result<(), String> {
    let head = String::from_utf8_lossy(head);
    let is = |name, value: &str| wire::header(&head, name).is_some_and(|is| is.starts_with(value));
    let right = match protocol {
        Protocol::Ws => {
            head.starts_with("HTTP/1.1 101") && is("sec-websocket-accept", wire::ACCEPT)
        }
        Protocol::Sse => {
            head.starts_with("HTTP/1.1 200")
                && is("content-type", "text/event-stream")
                && is("transfer-encoding", "chunked")
        }
    };
    if right { Ok(()) } else { Err(format!("a wrong answer: {head}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(protocol: Protocol, bytes: &[u8], step: usize) -> Vec<Option<u32>> {
        let mut deliveries = Deliveries::new(protocol);
        let mut ids = Vec::new();
        for part in bytes.chunks(step) {
            deliveries.feed(part, &mut |message| ids.push(wire::id(message))).unwrap();
        }
        ids
    }

    #[test]
    fn events_are_counted_however_they_are_cut_into_chunks_and_reads() {
        let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        for payload in
            [":\n\n", "id: 1\ndata: {\"id\":1}\n\ndata: {\"id\":2}\n\nda", "ta: {\"id\":3}\n", "\n"]
        {
            wire::chunk(&mut bytes, payload.as_bytes());
        }
        for step in 1..=bytes.len() {
            assert_eq!(
                all(Protocol::Sse, &bytes, step),
                [None, Some(1), Some(2), Some(3)],
                "{step}"
            );
        }
    }

    #[test]
    fn frames_are_counted_however_they_are_cut_into_reads() {
        let mut bytes =
            format!("HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: {}\r\n\r\n", wire::ACCEPT)
                .into_bytes();
        wire::frame(&mut bytes, br#"{"type":"user_joined"}"#);
        wire::frame(&mut bytes, br#"{"id":7}"#);
        for step in 1..=bytes.len() {
            assert_eq!(all(Protocol::Ws, &bytes, step), [None, Some(7)], "{step}");
        }
    }

    #[test]
    fn an_end_or_a_refusal_is_an_error() {
        let refused = b"HTTP/1.1 503 Service Unavailable\r\n\r\n";
        assert!(Deliveries::new(Protocol::Ws).feed(refused, &mut |_| {}).is_err());
        let ended = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
        assert!(Deliveries::new(Protocol::Sse).feed(ended, &mut |_| {}).is_err());
    }
}
