//! Numbered messages, and a reader's next step as a value to compare.

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ereo_runtime::{ClientSet, Delivery, Message, Position, ResetReason, Subscription};

/// What a reader gets when it is asked once.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<T = String> {
    Message(u64, T),
    Reset {
        reason: ResetReason,
        missed: Option<u64>,
        offset: u64,
    },
    /// Nothing yet.
    Waits,
    Expired,
    End,
}

/// Asks once, without waiting.
pub fn step<T: Clone + 'static>(reader: &mut Subscription<T>) -> Step<T> {
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(reader.recv()).poll(&mut cx) {
        Poll::Pending => Step::Waits,
        Poll::Ready(None) => Step::End,
        Poll::Ready(Some(delivery)) => Step::from(delivery),
    }
}

impl<T: Clone> From<Delivery<T>> for Step<T> {
    fn from(delivery: Delivery<T>) -> Self {
        match delivery {
            Delivery::Message { position, message } => {
                Self::Message(position.offset(), T::clone(&message))
            }
            Delivery::Reset { reason, missed, position } => {
                Self::Reset { reason, missed, offset: position.offset() }
            }
            Delivery::Expired => Self::Expired,
            _ => unreachable!("a delivery that the tests do not know"),
        }
    }
}

/// Lets the set drop what it keeps only since it is of the last moment: more messages than its history.
pub async fn settle<T: Message>(set: &ClientSet<T>) {
    tokio::time::advance(Duration::from_secs(1)).await;
    set.position();
}

/// Sends each number as text and returns the positions; in a new set the number is the offset.
pub fn send(set: &ClientSet<String>, numbers: RangeInclusive<u64>) -> Vec<Position> {
    numbers.map(|number| set.broadcast(&number.to_string()).unwrap().position().unwrap()).collect()
}

/// The step that reads the message of [`send`] at this offset.
pub fn message(offset: u64) -> Step {
    Step::Message(offset, offset.to_string())
}

/// Everything that is there for the reader now.
pub fn steps<T: Clone + PartialEq + 'static>(reader: &mut Subscription<T>) -> Vec<Step<T>> {
    std::iter::from_fn(|| Some(step(reader)).filter(|step| *step != Step::Waits)).collect()
}
