//! The rest of an event stream that has panicked: a user's own, or a user's view of a set.

use std::any::Any;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::blocks::Blocks;
use crate::broadcast::{Leash, OnLag, RoomFull};
use crate::panicked::panic_message;
use crate::server::{How, Observed, Tab};
use crate::wire::{Block, Framing, HEARTBEAT, Outgoing};

type Panic = Box<dyn Any + Send>;

/// Goes on with the panic when it is asked next: by then what the stream gave before has been written. It
/// has no last chunk, since it did not come to its end.
pub(super) struct Panicked(Option<Panic>);

/// A panic that was seen before.
struct Again(Panic);

impl Panicked {
    /// Tells of a panic that was caught, unless it has had its turn.
    pub(super) fn with(panic: Panic, observed: &Observed) -> Self {
        let panic = match panic.downcast::<Again>() {
            Ok(again) => resume_unwind(again.0),
            Err(panic) => panic,
        };
        observed.ends(How::Panicked);
        let told = panic_message(&*panic);
        tracing::error!(parent: observed.span(), panic = told, "an event stream panicked");
        Self(Some(panic))
    }
}

impl Blocks for Panicked {
    /// The stream has opened before it panicked.
    fn opening(&self, _: u64) -> String {
        HEARTBEAT.to_owned()
    }

    fn poll_outgoing(
        &mut self,
        _: Framing,
        _: &mut Context<'_>,
        _: &Observed,
    ) -> Poll<Option<Outgoing>> {
        match self.0.take() {
            Some(panic) => resume_unwind(Box::new(Again(panic))),
            None => Poll::Ready(None),
        }
    }

    fn claim(&mut self) -> Result<(), RoomFull> {
        Ok(())
    }

    fn charge(&mut self, _: Rc<Tab>) {}

    fn is_named(&mut self, _: &Arc<Leash>) {}

    fn default_on_lag(&mut self, _: OnLag) {}

    fn heartbeat(&mut self, _: Option<String>) -> Block {
        Block::of(HEARTBEAT)
    }
}
