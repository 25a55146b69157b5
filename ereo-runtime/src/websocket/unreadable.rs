//! A message that the hook `message` does not take.

use super::error::{DecodeError, SocketError};
use crate::message::Payload;

/// A message that does not have the form that the hook `message` takes, as the hook `unreadable` gets it.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// struct Sum(Connection<String>, i64);
///
/// #[websocket("/sum")]
/// impl Sum {
///     async fn open(connection: Connection<String>) -> Self {
///         Self(connection, 0)
///     }
///
///     async fn message(&mut self, number: i64) {
///         self.1 = self.1.saturating_add(number);
///     }
///
///     /// A client's `ping` is answered, anything else ends the connection.
///     async fn unreadable(&mut self, message: Unreadable) -> Result<(), SocketError> {
///         match message.text() {
///             Some("ping") => self.0.send(&"pong".to_owned()).await,
///             _ => Err(message.into()),
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Unreadable {
    message: Payload,
    error: DecodeError,
}

impl Unreadable {
    pub(super) fn new(message: Payload, error: DecodeError) -> Self {
        Self { message, error }
    }

    /// The message as it came.
    pub fn message(&self) -> &Payload {
        &self.message
    }

    /// The message, if it is a text.
    pub fn text(&self) -> Option<&str> {
        match &self.message {
            Payload::Text(text) => Some(text),
            Payload::Binary(_) => None,
        }
    }

    /// Why it cannot be read: which field of it, and where.
    pub fn error(&self) -> &DecodeError {
        &self.error
    }
}

impl From<Unreadable> for DecodeError {
    fn from(unreadable: Unreadable) -> Self {
        unreadable.error
    }
}

/// Closes with the code of the error, as without a hook.
impl From<Unreadable> for SocketError {
    fn from(unreadable: Unreadable) -> Self {
        Self::Decode(unreadable.error)
    }
}

/// What an `unreadable` hook takes: the message with its error, or the error alone.
#[diagnostic::on_unimplemented(
    message = "`unreadable` gets an `Unreadable`, not a `{Self}`",
    label = "expected `Unreadable`, or its `DecodeError`"
)]
pub trait Unread {
    /// The argument itself.
    fn of(unreadable: Unreadable) -> Self;
}

impl Unread for Unreadable {
    fn of(unreadable: Unreadable) -> Self {
        unreadable
    }
}

impl Unread for DecodeError {
    fn of(unreadable: Unreadable) -> Self {
        unreadable.error
    }
}

/// Gives an `unreadable` hook its argument.
pub fn unread<T: Unread>(unreadable: Unreadable) -> T {
    T::of(unreadable)
}
