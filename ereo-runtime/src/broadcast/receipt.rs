//! The receipt of a publisher for a message: where it stands, at once or later.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::log::Position;

/// What [`ClientSet::broadcast`](super::ClientSet::broadcast) gives: the message was taken.
///
/// Drop it, or ask where the message stands: a set in memory has placed it already
/// ([`Receipt::position`]), one that keeps its messages in a store places it a moment later. `.await` waits for
/// that.
///
/// ```
/// # async fn told() -> Result<(), Box<dyn std::error::Error>> {
/// use ereo_runtime::ClientSet;
///
/// let set = ClientSet::<String>::new();
/// set.broadcast(&"hello".to_owned())?;
/// let placed = set.broadcast(&"again".to_owned())?.await?;
/// assert_eq!(placed.offset(), 2);
/// # Ok(())
/// # }
/// # futures_util::FutureExt::now_or_never(told()).expect("nothing is waited for").unwrap();
/// ```
#[derive(Debug)]
pub struct Receipt(State);

#[derive(Debug)]
enum State {
    Placed(Position),
    Pending(Box<oneshot::Receiver<Answer>>),
}

/// What becomes of a message that was taken.
pub(super) type Answer = Result<Position, Unplaced>;

/// Why a message that was taken has no place, and is sent to nobody.
///
/// ```
/// use ereo_runtime::{Position, Receipt, Unplaced};
///
/// /// Whether it was kept, for the client that waits for it.
/// async fn is_kept(receipt: Receipt) -> bool {
///     let placed: Result<Position, Unplaced> = receipt.await;
///     placed.is_ok()
/// }
/// # let _ = is_kept;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unplaced {
    /// The set has ended, with its process or its last handle, before its store took the message.
    #[error("the set has ended before its store took the message")]
    Shutdown,
}

impl Receipt {
    pub(super) const fn placed(position: Position) -> Self {
        Self(State::Placed(position))
    }

    pub(super) fn pending(answer: oneshot::Receiver<Answer>) -> Self {
        Self(State::Pending(Box::new(answer)))
    }

    /// The message's place, if it has one yet: always where the set is in memory.
    pub fn position(&self) -> Option<Position> {
        match &self.0 {
            State::Placed(position) => Some(*position),
            State::Pending(_) => None,
        }
    }
}

/// Waits for the place.
impl IntoFuture for Receipt {
    type Output = Result<Position, Unplaced>;
    type IntoFuture = Placing;

    fn into_future(self) -> Placing {
        Placing(self.0)
    }
}

/// Waits until a message has its place; see [`Receipt`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Placing(State);

impl Future for Placing {
    type Output = Result<Position, Unplaced>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Placed(position) => Poll::Ready(Ok(*position)),
            State::Pending(answer) => Pin::new(&mut **answer)
                .poll(cx)
                .map(|answer| answer.unwrap_or(Err(Unplaced::Shutdown))),
        }
    }
}
