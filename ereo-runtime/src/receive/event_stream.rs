//! Bytes to events: WHATWG HTML section 9.2.6, "Interpreting an event stream".

use std::time::Duration;

use memchr::memchr2;

/// An event stream, read as its bytes come.
///
/// It holds no more than the line and the event that are half read, each within the bound that it was
/// made with; and it keeps what the standard gives to an event source: the last event id and the
/// reconnection time.
///
/// ```
/// use ereo_runtime::client::{Decoded, EventStream};
///
/// let mut stream = EventStream::within(1 << 20);
/// let mut bytes: &[u8] = b"event: note\ndata: first\ndata: second\nid: 7\n\ndata: half";
/// let Some(Decoded::Event(event)) = stream.next(&mut bytes)? else { panic!("an event is whole") };
/// assert_eq!((event.name.as_deref(), event.data.as_str()), (Some("note"), "first\nsecond"));
/// assert_eq!(stream.last_event_id(), "7");
/// assert_eq!(stream.next(&mut bytes)?, None);
/// # Ok::<_, ereo_runtime::client::TooLarge>(())
/// ```
#[derive(Debug)]
pub struct EventStream {
    max: usize,
    /// The line that is half read.
    line: Vec<u8>,
    /// "the data buffer".
    data: String,
    /// "the event type buffer"; none where no field has set it.
    name: Option<String>,
    /// "the last event ID buffer".
    id: String,
    /// "the last event ID string of the event source".
    last_event_id: String,
    retry: Option<Duration>,
    /// Whether the first line is still to come, which a byte order mark may begin.
    fresh: bool,
    /// Whether a CR was the last byte: an LF behind it is no line of its own.
    after_cr: bool,
}

/// What the bytes were.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decoded {
    /// What a browser dispatches.
    Event(EventText),
    /// What a browser skips: a heartbeat.
    Comment(String),
    /// The end of a block without data, of which a browser dispatches nothing but takes the id and the retry.
    Empty,
}

/// An event as its stream has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventText {
    /// What `event:` says; none is what browsers call `message`.
    pub name: Option<String>,
    /// Lines of data, each ended by an LF but for the last.
    pub data: String,
}

/// A line or an event of more bytes than the reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line or an event of more than {max} bytes")]
pub struct TooLarge {
    /// The bound.
    pub max: usize,
}

impl EventStream {
    /// A stream whose lines, and whose events' data, are no longer than `max` bytes each.
    pub fn within(max: usize) -> Self {
        Self {
            max,
            line: Vec::new(),
            data: String::new(),
            name: None,
            id: String::new(),
            last_event_id: String::new(),
            retry: None,
            fresh: true,
            after_cr: false,
        }
    }

    /// Takes bytes from the front of `bytes` until something is whole: none when they are all taken.
    ///
    /// # Errors
    /// [`TooLarge`]; what comes behind it has no meaning any more.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Decoded>, TooLarge> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                *bytes = &bytes[1..];
                continue;
            }
            let end = memchr2(b'\r', b'\n', bytes);
            let part = &bytes[..end.unwrap_or(bytes.len())];
            if self.line.len() + part.len() > self.max {
                return Err(TooLarge { max: self.max });
            }
            self.line.extend_from_slice(part);
            let Some(end) = end else {
                *bytes = &[];
                return Ok(None);
            };
            self.after_cr = bytes[end] == b'\r';
            *bytes = &bytes[end + 1..];
            if let Some(decoded) = self.end_of_line()? {
                return Ok(Some(decoded));
            }
        }
        Ok(None)
    }

    /// The id of the last event that was dispatched, or of an empty one behind it; empty where there was
    /// none.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// How long to wait before another connection, where the stream says it.
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    fn end_of_line(&mut self) -> Result<Option<Decoded>, TooLarge> {
        let mut line = std::mem::take(&mut self.line);
        let mark = std::mem::take(&mut self.fresh) && line.starts_with(b"\xef\xbb\xbf");
        let decoded = self.whole_line(&line[if mark { 3 } else { 0 }..]);
        // Its room is used again, unless one long line would then be held for good.
        if line.capacity() <= KEPT {
            line.clear();
            self.line = line;
        }
        decoded
    }

    fn whole_line(&mut self, line: &[u8]) -> Result<Option<Decoded>, TooLarge> {
        if line.is_empty() {
            return Ok(Some(self.dispatch()));
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match field {
            b"" => return Ok(Some(Decoded::Comment(value.into_owned()))),
            b"event" => self.name = Some(value.into_owned()).filter(|name| !name.is_empty()),
            b"data" => {
                // With the LF that ends it: a line of nothing counts.
                if self.data.len() + value.len() + 1 > self.max {
                    return Err(TooLarge { max: self.max });
                }
                self.data.push_str(&value);
                self.data.push('\n');
            }
            b"id" if !value.contains('\0') => self.id = value.into_owned(),
            b"retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                // No digits, or too many of them, are no number.
                self.retry = value.parse().map(Duration::from_millis).ok().or(self.retry);
            }
            _ => {}
        }
        Ok(None)
    }

    fn dispatch(&mut self) -> Decoded {
        self.last_event_id.clone_from(&self.id);
        let name = self.name.take();
        let mut data = std::mem::take(&mut self.data);
        // "If the data buffer's last character is a LF, then remove it."
        match data.pop() {
            Some(_) => Decoded::Event(EventText { name, data }),
            None => Decoded::Empty,
        }
    }
}

/// As much of a line's room is kept for the next one.
const KEPT: usize = 16 << 10;
