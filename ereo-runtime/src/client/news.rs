//! News that a follower is told.

use std::fmt;
use std::time::Duration;

use crate::broadcast::ResetReason;
use crate::log::Position;
use crate::receive::{ReadError, Received};

/// What comes of an event stream or a socket.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum News<T> {
    /// A message.
    Message(Received<T>),
    /// Messages are missing: what was built from them is to be loaded anew.
    Reset(Reset),
    /// The connection is there, for the first time or again.
    Open,
    /// The connection is gone, or could not be made.
    Lost {
        /// Why.
        cause: Lost,
        /// How long it takes until it is tried again.
        again_in: Duration,
    },
}

/// That messages are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reset {
    /// Why; none where the stream has no positions, so that nobody knows what was sent meanwhile.
    pub reason: Option<ResetReason>,
    /// How many, where the server knows.
    pub missed: Option<u64>,
    /// From where the stream goes on.
    pub position: Option<Position>,
}

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.reason.map_or("unknown", |reason| reason.as_str());
        match self.missed {
            Some(missed) => write!(f, "{missed} messages are missing ({reason})"),
            None => write!(f, "messages are missing ({reason})"),
        }
    }
}

/// Why there is no connection at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// It could not be made, or broke: in the words of the system.
    Broken(String),
    /// The server has ended it; a socket with this code and reason.
    Ended(Option<(u16, String)>),
    /// The server has answered with this status.
    Status(u16),
    /// Nothing was heard of the server for so long.
    Silent(Duration),
    /// The credentials have ended, or were refused: they are asked for again.
    Expired,
    /// There were no credentials to be had: in the words of who was asked.
    NoCredentials(String),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => f.write_str(error),
            Self::Ended(None) => f.write_str("the server has ended the connection"),
            Self::Ended(Some((code, reason))) => {
                write!(f, "the server has ended the connection: {code} {reason}")
            }
            Self::Status(status) => write!(f, "the server answers {status}"),
            Self::Silent(time) => write!(f, "nothing was heard of the server for {time:?}"),
            Self::Expired => f.write_str("the credentials have ended"),
            Self::NoCredentials(error) => write!(f, "no credentials: {error}"),
        }
    }
}

/// Why it does not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An answer at which coming back is in vain.
    #[error("the server refuses with {status}{}", beside(.location))]
    Refused {
        /// Its status.
        status: u16,
        /// Where it says that what was asked for is now: redirections are not followed, since credentials
        /// would go along.
        location: Option<String>,
    },
    /// An answer that is no event stream.
    #[error("the answer is no event stream but {0:?}")]
    NotAStream(String),
    /// The server has ended the connection, for good.
    #[error("the server has ended the connection for good: {code} {reason}")]
    Closed {
        /// The code.
        code: u16,
        /// In words.
        reason: String,
    },
    /// The credentials have ended, and there are no others.
    #[error("the credentials have ended")]
    Expired,
    /// A line, an event or a message is larger than [`Target::largest`](super::Target::largest).
    #[error("a message of more than {0} bytes")]
    TooLarge(usize),
    /// A message is none of the type. The only error behind which it goes on: the message is passed over.
    #[error("a message{} cannot be read: {error}", named(.name))]
    Unreadable {
        /// The event's name.
        name: Option<String>,
        /// What it holds.
        data: String,
        /// What is wrong.
        error: ReadError,
    },
}

impl Error {
    /// Whether nothing comes behind it.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Unreadable { .. })
    }
}

fn beside(location: &Option<String>) -> String {
    location.as_ref().map_or_else(String::new, |location| format!(": it is at {location}"))
}

fn named(name: &Option<String>) -> String {
    name.as_ref().map_or_else(String::new, |name| format!(" of the name `{name}`"))
}
