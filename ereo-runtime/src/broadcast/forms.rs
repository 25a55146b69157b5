//! The forms in which a kept message goes out: made once, and counted with what the set keeps.

use super::core::Core;
use super::entry::Entry;
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::wire::Piece;
use crate::wire::{Encoded, Form};
use crate::wire::{Framing, Wire};

impl<T: Message> Core<T> {
    /// The message at `offset` as it goes out.
    pub(crate) fn piece(
        self: &Arc<Self>,
        wire: Wire,
        offset: u64,
        entry: &Entry<T>,
    ) -> Result<Piece, EncodeError> {
        let event = || {
            let event = |made: &mut _| entry.sse(self.position_before(offset + 1), made);
            self.counted(offset, event)
        };
        let (told, bytes) = match wire {
            Wire::Events(Framing::Bare) => {
                let block = event()?;
                (block.len(), block.events())
            }
            Wire::Events(Framing::Chunks) => {
                let block = event()?;
                (block.len(), block.into_chunk())
            }
            Wire::Frames(form) => {
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
