//! Waits that end: with what they wait for, or a panic at the line that waits.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

/// So long of the test's time anything may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Fails the test at the line of its own that was waiting: an `async fn` has none to tell.
pub(super) fn fail(at: &Location<'_>, what: impl fmt::Display) -> ! {
    panic!("{what}\n   at {at}")
}

/// What of a text is worth a line.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why a test does not get what it expects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, but {instead}")]
pub struct Unexpected {
    expected: String,
    instead: String,
}

impl Unexpected {
    pub(super) fn new(expected: impl fmt::Display, instead: impl fmt::Display) -> Self {
        Self { expected: expected.to_string(), instead: instead.to_string() }
    }
}
