//! The forms in which a kept message goes out: made once, and counted with what the set keeps.

use tokio::time::Instant;

use super::core::Core;
use super::entry::Entry;
use crate::fanout::{Channel, Relays};
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::wire::{ClientId, Encoded, Form, Format, Framing, Piece};

impl<T: Message> Core<T> {
    /// The message at `offset` as it goes out.
    pub(crate) fn piece(
        self: &Arc<Self>,
        format: Format,
        offset: u64,
        entry: &Entry<T>,
    ) -> Result<Piece, EncodeError> {
        let event = || {
            let event = |made: &mut _| entry.sse(Some(self.position_before(offset + 1)), made);
            self.counted(offset, event)
        };
        let (told, bytes) = match format {
            Format::Events(Framing::Bare) => {
                let block = event()?;
                (block.len(), block.events())
            }
            Format::Events(Framing::Chunks) => {
                let block = event()?;
                (block.len(), block.into_chunk())
            }
            Format::Frames(form) => {
                let frame = self.frame(form, offset, entry)?.into_frame();
                (frame.len(), frame)
            }
        };
        Ok(Piece { bytes, told })
    }

    /// The message at `offset` as a frame.
    pub(super) fn frame(
        self: &Arc<Self>,
        form: Form,
        offset: u64,
        entry: &Entry<T>,
    ) -> Result<Encoded, EncodeError> {
        self.counted(offset, |made| entry.frame(form, made))
    }

    /// What `encode` adds to a count it takes is what the message at `offset` takes more from now on.
    fn counted<R>(self: &Arc<Self>, offset: u64, encode: impl FnOnce(&mut usize) -> R) -> R {
        let mut made = 0;
        let encoded = encode(&mut made);
        if made > 0 {
            self.grew(offset, made);
        }
        encoded
    }
}

/// What a relay asks of a set.
impl<T: Message + 'static> Channel for Arc<Core<T>> {
    type Entry = Arc<Entry<T>>;

    fn piece(&self, format: Format, offset: u64, entry: &Arc<Entry<T>>) -> Option<Piece> {
        Core::piece(self, format, offset, entry).ok()
    }

    fn except(entry: &Arc<Entry<T>>) -> Option<ClientId> {
        entry.except()
    }

    fn broadcast_at(entry: &Arc<Entry<T>>) -> Instant {
        entry.at
    }

    fn head(&self) -> u64 {
        self.window().next
    }

    fn is_pressed(&self, cursor: u64) -> bool {
        Core::is_pressed(self, cursor)
    }

    fn readers(&self) -> usize {
        self.clients.len()
    }

    fn relays(&self) -> &Relays {
        Core::relays(self)
    }
}
