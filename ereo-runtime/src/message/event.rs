//! One server-sent event, checked when it is built so that encoding cannot fail.

use std::time::Duration;

use serde::Serialize;

use super::encode_error::EncodeError;
use super::to_json;

/// One event of an event stream (WHATWG HTML section 9.2, "Server-sent events").
///
/// Without data a browser fires nothing, but takes the id and the retry. Data and comments may be
/// any text: line breaks become several lines, and the browser reads every CR, LF or CRLF of the
/// data as LF. The event's name and its id are one line each; what would end that line, and so
/// write fields of its own, is refused, and so is what begins with `ereo.` as the library's own do.
///
/// ```
/// use ereo_runtime::sse::Event;
/// let event = Event::new("first\nsecond").event("note")?.id("7")?;
/// assert_eq!(event.encode(), "event: note\ndata: first\ndata: second\nid: 7\n\n");
/// # Ok::<_, ereo_runtime::sse::InvalidField>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    data: Option<String>,
    event: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
    comment: Option<String>,
}

/// How the names and ids begin that the library sends itself, such as `ereo.reset`: the browser module
/// obeys them, so that nothing an application sends may be taken for one.
const RESERVED: &str = "ereo.";

/// A field that would have written lines of its own into the stream, or that would be taken for one of
/// the library's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the `{field}` of an event must not {}", self.fault())]
pub struct InvalidField {
    /// `event` or `id`.
    pub field: &'static str,
    /// What was found: a carriage return, a line feed, a NUL, or the prefix `ereo.`.
    pub found: &'static str,
}

impl InvalidField {
    fn fault(&self) -> String {
        if self.found == RESERVED {
            return format!("begin with `{RESERVED}`: that is how the library's own begin");
        }
        format!("contain {}: it would end the line", self.found)
    }
}

impl Event {
    /// An event with this data and nothing else.
    pub fn new(data: impl Into<String>) -> Self {
        Self::default().data(data)
    }

    /// An event with the JSON of `value` as data.
    ///
    /// # Errors
    /// When `value` cannot be serialized.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        Ok(Self::new(to_json(value)?))
    }

    /// Sets the data; an empty text is an event with empty data.
    #[must_use]
    pub fn data(mut self, data: impl Into<String>) -> Self {
        self.data = Some(data.into());
        self
    }

    /// Sets the event's name; without one, or with an empty one, a browser calls it `message`.
    ///
    /// # Errors
    /// When the name has a CR or an LF, or begins with `ereo.`.
    pub fn event(mut self, name: impl Into<String>) -> Result<Self, InvalidField> {
        self.event = Some(one_line("event", name.into(), &['\r', '\n'])?);
        Ok(self)
    }

    /// Sets the id, which the client sends back as `last-event-id`. A broadcast gives its own.
    ///
    /// # Errors
    /// When the id has a CR, an LF or a NUL (which makes a browser ignore the id), or begins with
    /// `ereo.`.
    pub fn id(mut self, id: impl Into<String>) -> Result<Self, InvalidField> {
        self.id = Some(one_line("id", id.into(), &['\r', '\n', '\0'])?);
        Ok(self)
    }

    /// Sets how long the client waits before it reconnects, in whole milliseconds.
    #[must_use]
    pub fn retry(mut self, retry: Duration) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Sets a comment, which a browser skips.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// The data, if it has some.
    pub fn data_str(&self) -> Option<&str> {
        self.data.as_deref()
    }

    /// The event's name, if it has one.
    pub fn event_str(&self) -> Option<&str> {
        self.event.as_deref()
    }

    /// The id, if it has one of its own.
    pub fn id_str(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The retry, if it has one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry
    }

    /// The comment, if it has one.
    pub fn comment_str(&self) -> Option<&str> {
        self.comment.as_deref()
    }
}

fn one_line(field: &'static str, text: String, refused: &[char]) -> Result<String, InvalidField> {
    let found = match text.chars().find(|c| refused.contains(c)) {
        None if text.starts_with(RESERVED) => RESERVED,
        None => return Ok(text),
        Some('\r') => "a carriage return",
        Some('\n') => "a line feed",
        Some(_) => "a NUL",
    };
    Err(InvalidField { field, found })
}
