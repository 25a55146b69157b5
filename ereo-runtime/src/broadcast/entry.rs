//! One message in a log: the value, and its bytes for each wire format, made once.

use std::fmt::Write as _;
use std::ops::Deref;
use std::sync::OnceLock;

use bytes::Bytes;

use super::Position;
use crate::message::{EncodeError, Message};
use crate::sync::Arc;

/// A message that all readers of a set share.
#[derive(Debug)]
pub(super) struct Entry<T> {
    value: T,
    /// The server-sent event with its position, once some reader or the publisher needed it.
    sse: OnceLock<Bytes>,
}

/// A message's server-sent event before its position is known.
pub(super) struct SseDraft(String);

impl SseDraft {
    pub(super) fn of<T: Message + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        let event = value.to_event()?;
        if event.id_str().is_some() {
            return Err(EncodeError::OwnId);
        }
        let mut fields = String::with_capacity(event.size_hint());
        event.write_fields(&mut fields);
        Ok(Self(fields))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds the id and the blank line; the room for them was reserved.
    pub(super) fn at(mut self, position: Position) -> Bytes {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "id: {position}\n\n");
        Bytes::from(self.0)
    }
}

impl<T: Message> Entry<T> {
    pub(super) fn new(value: T, sse: Bytes) -> Arc<Self> {
        Arc::new(Self { value, sse: OnceLock::from(sse) })
    }

    fn sse(&self, position: Position) -> Result<Bytes, EncodeError> {
        if let Some(bytes) = self.sse.get() {
            return Ok(bytes.clone());
        }
        let bytes = SseDraft::of(&self.value)?.at(position);
        Ok(self.sse.get_or_init(|| bytes).clone())
    }
}

/// A message as a subscription hands it out: shared with all its readers, or made for this one by
/// [`Subscription::map`](super::Subscription::map).
#[derive(Debug)]
pub struct Received<T>(Inner<T>);

#[derive(Debug)]
enum Inner<T> {
    Shared(Arc<Entry<T>>),
    Own(T),
}

impl<T> Received<T> {
    pub(super) fn shared(entry: Arc<Entry<T>>) -> Self {
        Self(Inner::Shared(entry))
    }

    pub(super) fn own(value: T) -> Self {
        Self(Inner::Own(value))
    }
}

impl<T: Message> Received<T> {
    /// The event with its position as id; encoded once for all readers that share it.
    pub(crate) fn sse(&self, position: Position) -> Result<Bytes, EncodeError> {
        match &self.0 {
            Inner::Shared(entry) => entry.sse(position),
            Inner::Own(value) => Ok(SseDraft::of(value)?.at(position)),
        }
    }
}

impl<T> Deref for Received<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Inner::Shared(entry) => &entry.value,
            Inner::Own(value) => value,
        }
    }
}
