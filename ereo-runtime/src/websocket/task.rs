//! The task of a connection: its driver and, once it has left actix, its writer as well.
//!
//! The driver is there from the beginning on, and what a handler waits for knows its task. So it is the
//! writer that moves, which has not begun yet when actix leaves the connection to it.

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::body::Frames;
use super::driver::Driver;
use crate::panicked::panic_message;
use crate::takeover::{Successor, Writer};

/// Ends when the driver and the writer, if it has come here, have ended.
pub(super) struct Task {
    driver: Option<Driver>,
    writing: Writing,
}

/// Who writes what the peer is sent.
enum Writing {
    /// It is not known yet.
    Elsewhere(Desk),
    Here(Writer<Frames>),
    /// actix, or nobody any more.
    Over,
}

/// Where a task finds its writer.
#[derive(Clone, Default)]
pub(super) struct Desk(Rc<Cell<Option<Writer<Frames>>>>);

impl Successor<Frames> for Desk {
    /// Leaves it to the task, which is to be woken and whose driver has not ended.
    fn go_on(self, writer: Writer<Frames>) {
        self.0.set(Some(writer));
    }
}

impl Task {
    pub(super) fn new(driver: Driver, desk: Desk) -> Self {
        Self { driver: Some(driver), writing: Writing::Elsewhere(desk) }
    }

    fn poll_driver(&mut self, cx: &mut Context<'_>) {
        let Some(driver) = &mut self.driver else { return };
        // What the driver sends goes out in this very turn, if the writer is here.
        let outbox = driver.link().outbox();
        if if self.writing.is_here() { outbox.attend() } else { outbox.is_told() } {
            driver.link().obey(cx);
        }
        if Pin::new(driver).poll(cx).is_ready() {
            self.driver = None;
        }
    }
}

impl Writing {
    fn is_here(&self) -> bool {
        matches!(self, Self::Here(_))
    }

    fn begin(&mut self) {
        let Self::Elsewhere(desk) = self else { return };
        if let Some(writer) = desk.0.take() {
            *self = Self::Here(writer);
        } else if Rc::strong_count(&desk.0) == 1 {
            // It stays with actix: nobody can leave a writer any more.
            *self = Self::Over;
        }
    }

    /// What is sent is user code too: messages are dropped, and a source may be the user's own. Its panic
    /// ends the connection below, as it does through actix, and the handler has its grace.
    fn poll(&mut self, cx: &mut Context<'_>) {
        let Self::Here(writer) = self else { return };
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut *writer).poll(cx)));
        if polled.as_ref().is_ok_and(Poll::is_pending) {
            return;
        }
        let id = writer.sending().link().id();
        let over = std::mem::replace(self, Self::Over);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(over)));
        if let Some(panic) = polled.err().or(dropped.err()) {
            let panic = panic_message(&*panic);
            tracing::error!(connection = %id, panic, "sending to a WebSocket panicked");
        }
    }
}

impl Future for Task {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        this.writing.begin();
        // Whatever one of them leaves to the other is seen: the driver goes first, and is woken by what
        // the writer has for it.
        this.poll_driver(cx);
        this.writing.poll(cx);
        if this.driver.is_none() && !this.writing.is_here() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
