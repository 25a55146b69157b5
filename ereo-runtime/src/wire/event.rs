//! Events as bytes (WHATWG HTML section 9.2.5, "Parsing an event stream", read backwards).

use std::fmt::Write as _;

use memchr::memchr2;

use super::block::{Block, BlockDraft};
use crate::message::Event;

/// A heartbeat: a comment, which no client shows.
pub(crate) const HEARTBEAT: &str = ":\n\n";

impl Event {
    /// The event as it goes over the wire, up to and with the blank line that dispatches it.
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(self.size_hint());
        self.write_fields(&mut out);
        out.push('\n');
        out
    }

    /// The event as a response sends it.
    pub(crate) fn into_block(self) -> Block {
        let mut draft = BlockDraft::with_capacity(self.size_hint());
        self.write_fields(draft.text());
        draft.text().push('\n');
        draft.finish()
    }

    /// All fields without the closing blank line, so that a set can add its position as the id.
    pub(crate) fn write_fields(&self, out: &mut String) {
        if let Some(comment) = self.comment_str() {
            for line in lines(comment) {
                field(out, "", line);
            }
        }
        if let Some(name) = self.event_str() {
            field(out, "event", name);
        }
        if let Some(data) = self.data_str() {
            for line in lines(data) {
                field(out, "data", line);
            }
        }
        if let Some(id) = self.id_str() {
            field(out, "id", id);
        }
        if let Some(retry) = self.retry_after() {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "retry: {}", retry.as_millis());
        }
    }

    /// Room for everything, a position included, when the data is a single line.
    pub(crate) fn size_hint(&self) -> usize {
        const NAMES_AND_POSITION: usize = 80;
        let texts = [self.data_str(), self.event_str(), self.id_str(), self.comment_str()];
        NAMES_AND_POSITION + texts.iter().flatten().map(|text| text.len()).sum::<usize>()
    }
}

/// `name: value`. The space is always there, since a reader strips exactly one.
fn field(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str(": ");
    out.push_str(value);
    out.push('\n');
}

/// Splits where a browser sees a line end: CRLF, LF or CR. Always at least one line.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = memchr2(b'\r', b'\n', text.as_bytes()) else {
            rest = None;
            return Some(text);
        };
        let width = if text[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&text[end + width..]);
        Some(&text[..end])
    })
}
