//! One message in a log: the value, and its bytes for each wire format, made once.

use std::fmt::Write as _;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use tokio::time::Instant;

use crate::log::Position;
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::wire::{Block, BlockDraft, ClientId, Encoded, Form, SharedForms, encode_message};

/// A message that all readers of a set share.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    value: T,
    /// When it was broadcast.
    pub(crate) at: Instant,
    /// The one client that does not get it.
    except: Option<ClientId>,
    made: Made,
    /// What else some reader needed since. Boxed: a log keeps many messages, and most sets have readers of
    /// one kind.
    later: OnceLock<Box<Later>>,
}

/// What was encoded with the broadcast.
#[derive(Debug)]
enum Made {
    Sse(Block),
    Frame(Encoded),
    Both(Box<(Block, Encoded)>),
}

/// What is encoded when it is needed.
#[derive(Debug, Default)]
struct Later {
    /// The server-sent event with its position.
    sse: OnceLock<Block>,
    frame: OnceLock<Encoded>,
    /// What the frame is compressed to, for the readers that negotiated it.
    deflated: SharedForms,
}

/// What a message takes beside its entry and the bytes: a place in the log, which may have grown to twice
/// what it needs, the counters of shared pieces, and what the heap adds to each of these.
const BESIDE: usize = 160;

/// What is encoded of a message before its position is known: outside of the log's lock, and all
/// that can fail of it.
pub(super) struct Draft<T> {
    value: T,
    at: Instant,
    except: Option<ClientId>,
    forms: Forms,
}

/// The encoded forms, of which there is at least one: a message that cannot be encoded is the publisher's
/// error and not a reader's.
enum Forms {
    Sse(SseDraft),
    Frame(Encoded),
    Both(SseDraft, Encoded),
}

impl Forms {
    fn of<T: Message>(value: &T, formats: Formats) -> Result<Self, EncodeError> {
        Ok(match formats {
            Formats { frames: false, .. } => Self::Sse(SseDraft::of(value)?),
            Formats { sse: false, .. } => Self::Frame(encode_message(value)?),
            _ => Self::Both(SseDraft::of(value)?, encode_message(value)?),
        })
    }
}

/// Which wire formats a set's readers have asked for so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formats {
    pub(super) sse: bool,
    pub(super) frames: bool,
}

impl<T: Message + Clone> Draft<T> {
    /// Encodes for the formats that have readers.
    pub(super) fn of(
        value: &T,
        except: Option<ClientId>,
        formats: Formats,
    ) -> Result<Self, EncodeError> {
        // Before it is encoded: that is part of the way to a reader.
        let at = Instant::now();
        let forms = Forms::of(value, formats)?;
        Ok(Self { value: value.clone(), at, except, forms })
    }

    /// The same of a message that a store has kept.
    pub(super) fn from_value(
        value: T,
        except: Option<ClientId>,
        formats: Formats,
    ) -> Result<Self, EncodeError> {
        let forms = Forms::of(&value, formats)?;
        Ok(Self { value, at: Instant::now(), except, forms })
    }

    /// Bytes of the larger form: what fits does not depend on who reads.
    pub(super) fn size(&self) -> usize {
        match &self.forms {
            Forms::Sse(draft) => draft.0.len(),
            Forms::Frame(frame) => frame.len(),
            Forms::Both(draft, frame) => draft.0.len().max(frame.len()),
        }
    }

    /// Bytes of memory that the entry takes: with the value, the forms that are made by now, and what holds
    /// them. How much of the heap a value refers to is not known: as much as it has encoded bytes, where it
    /// refers to any.
    pub(super) fn cost(&self) -> usize {
        let value = if std::mem::needs_drop::<T>() { self.size() } else { 0 };
        let forms = match &self.forms {
            Forms::Sse(draft) => draft.0.capacity(),
            Forms::Frame(frame) => frame.len(),
            Forms::Both(draft, frame) => {
                draft.0.capacity() + frame.len() + size_of::<(Block, Encoded)>()
            }
        };
        size_of::<Entry<T>>() + BESIDE + value + forms
    }

    /// The entry, now that its position is known, if it has one; a few instructions under the log's lock.
    pub(super) fn at(self, position: Option<Position>) -> Arc<Entry<T>> {
        let Self { value, at, except, forms } = self;
        let made = match forms {
            Forms::Sse(draft) => Made::Sse(draft.at(position)),
            Forms::Frame(frame) => Made::Frame(frame),
            Forms::Both(draft, frame) => Made::Both(Box::new((draft.at(position), frame))),
        };
        Arc::new(Entry { value, at, except, made, later: OnceLock::new() })
    }
}

/// Bytes of the longest `id` field, and of the blank line.
const POSITION: usize = 64;

/// A message's server-sent event before its position is known.
struct SseDraft(BlockDraft);

impl SseDraft {
    fn of<T: Message + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        let event = value.to_event()?;
        if event.id_str().is_some() {
            return Err(EncodeError::OwnId);
        }
        let mut draft = BlockDraft::with_capacity(event.size_hint());
        event.write_fields(draft.text());
        draft.fit(POSITION);
        Ok(Self(draft))
    }

    /// Adds the id and the blank line; the room for them was reserved. Without a place there is no id.
    fn at(mut self, position: Option<Position>) -> Block {
        // Writing to a String cannot fail.
        let _ = match position {
            Some(position) => write!(self.0.text(), "id: {position}\n\n"),
            None => self.0.text().write_str("\n"),
        };
        self.0.finish()
    }
}

impl<T> Entry<T> {
    pub(super) fn value(&self) -> &T {
        &self.value
    }

    /// Bytes of the larger of the forms that were made with it.
    pub(super) fn len(&self) -> usize {
        match &self.made {
            Made::Sse(block) => block.len(),
            Made::Frame(frame) => frame.len(),
            Made::Both(both) => both.0.len().max(both.1.len()),
        }
    }
}

impl<T: Message> Entry<T> {
    /// Whether this client gets it.
    pub(super) fn is_for(&self, client: ClientId) -> bool {
        self.except != Some(client)
    }

    /// The one client that does not get it.
    pub(crate) fn except(&self) -> Option<ClientId> {
        self.except
    }

    /// The server-sent event at its place. Adds to `made` what it takes where it was not there yet.
    pub(super) fn sse(
        &self,
        position: Option<Position>,
        made: &mut usize,
    ) -> Result<Block, EncodeError> {
        let kept = match &self.made {
            Made::Sse(block) => return Ok(block.clone()),
            Made::Both(both) => return Ok(both.0.clone()),
            Made::Frame(_) => &self.later(made).sse,
        };
        if let Some(block) = kept.get() {
            return Ok(block.clone());
        }
        let block = caught(|| SseDraft::of(&self.value))?.at(position);
        Ok(kept
            .get_or_init(|| {
                *made += block.capacity();
                block
            })
            .clone())
    }

    /// The frame. Adds to `made` what it takes where it was not there yet.
    pub(super) fn frame(&self, form: Form, made: &mut usize) -> Result<Encoded, EncodeError> {
        let plain = self.plain_frame(made)?;
        Ok(match form {
            Form::Plain => plain.clone(),
            Form::Shared { .. } => self.later(made).deflated.get(plain, form, made),
        })
    }

    fn plain_frame(&self, made: &mut usize) -> Result<&Encoded, EncodeError> {
        let kept = match &self.made {
            Made::Frame(frame) => return Ok(frame),
            Made::Both(both) => return Ok(&both.1),
            Made::Sse(_) => &self.later(made).frame,
        };
        if let Some(frame) = kept.get() {
            return Ok(frame);
        }
        let frame = caught(|| encode_message(&self.value))?;
        Ok(kept.get_or_init(|| {
            *made += frame.len();
            frame
        }))
    }

    fn later(&self, made: &mut usize) -> &Later {
        self.later.get_or_init(|| {
            *made += size_of::<Later>();
            Box::default()
        })
    }
}

/// Encodes for a reader. A publisher's panic is its own; this one would end the connection of every
/// reader that comes back for the message, again and again.
fn caught<R>(encode: impl FnOnce() -> Result<R, EncodeError>) -> Result<R, EncodeError> {
    // The value is only looked at, by code that looks at it whenever it is encoded.
    catch_unwind(AssertUnwindSafe(encode)).unwrap_or(Err(EncodeError::Panicked))
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
    /// The event with its position, if it has one, as id; encoded once for all readers that share it. Adds to
    /// `made` what it takes beside the log where it was not there yet.
    pub(super) fn sse(
        &self,
        position: Option<Position>,
        made: &mut usize,
    ) -> Result<Block, EncodeError> {
        match &self.0 {
            Inner::Shared(entry) => entry.sse(position, made),
            Inner::Own(value) => Ok(caught(|| SseDraft::of(value))?.at(position)),
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
