//! A reader's place in a set's log: `epoch-offset`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A place in the order of one set: what stands in `id:`, and comes back as `last-event-id`.
///
/// The epoch names a stretch of one set's order, which a restart ends; offsets rise by one, and 0 is
/// the place before the first message. The text form is `epoch-offset`.
///
/// ```
/// use ereo_runtime::{ClientSet, Position};
///
/// let set = ClientSet::<String>::new();
/// set.broadcast(&"hello".to_owned())?;
/// let position = set.position();
/// assert_eq!(position.offset(), 1);
/// // As it stands in `id:` and `Last-Event-ID`.
/// assert_eq!(position.to_string().parse::<Position>()?, position);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    epoch: Epoch,
    offset: u64,
}

impl Position {
    /// That of a client whose position is none of ours: no set has it.
    pub(crate) const FOREIGN: Self = Self { epoch: Epoch::FOREIGN, offset: 0 };

    pub(crate) fn new(epoch: Epoch, offset: u64) -> Self {
        Self { epoch, offset }
    }

    /// The stretch of the set's order that this position belongs to.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// How many messages the set had sent up to and with this one.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.offset)
    }
}

/// As its text form.
impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A stretch of one set's order, random, so that a position of another is never taken for its own: one life of a
/// set in memory, and of one with a store what was appended until that may have gone back.
///
/// ```
/// use ereo_runtime::ClientSet;
///
/// let (first, second) = (ClientSet::<String>::new(), ClientSet::<String>::new());
/// assert_ne!(first.position().epoch(), second.position().epoch());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epoch(u64);

impl Epoch {
    /// Stands for every well-formed epoch that this library did not write; no set has it.
    const FOREIGN: Self = Self(0);

    pub(crate) fn random() -> Self {
        Self(rand::random_range(1..=u64::MAX))
    }

    /// As a store keeps it.
    #[cfg(any(test, feature = "sqlite"))]
    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    /// What a store has kept.
    #[cfg(any(feature = "redis", feature = "sqlite"))]
    pub(crate) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    fn parse(text: &str) -> Self {
        u64::from_str_radix(text, 16)
            .map(Self)
            .ok()
            // Only the spelling that `Display` writes is one of ours.
            .filter(|epoch| epoch.to_string() == text)
            .unwrap_or(Self::FOREIGN)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A text that is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "malformed last event id: expected `epoch-offset` as sent in `id:`, such as `2f9c01d2a4b8e673-42`"
)]
pub struct MalformedPosition;

/// Longer than any epoch of ours; a bound so that nothing large is ever kept.
const MAX_EPOCH_LEN: usize = 64;

impl FromStr for Position {
    type Err = MalformedPosition;

    fn from_str(text: &str) -> Result<Self, MalformedPosition> {
        let (epoch, offset) = text.rsplit_once('-').ok_or(MalformedPosition)?;
        let epoch_fits = (1..=MAX_EPOCH_LEN).contains(&epoch.len())
            && epoch.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // `u64::from_str` would take a leading `+`.
        let offset_fits = offset.bytes().all(|byte| byte.is_ascii_digit());
        if !epoch_fits || !offset_fits {
            return Err(MalformedPosition);
        }
        let offset = offset.parse().map_err(|_| MalformedPosition)?;
        Ok(Self::new(Epoch::parse(epoch), offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let position = Position::new(Epoch::random(), 42);
        assert_eq!(position.to_string().parse(), Ok(position));
        assert_eq!(serde_json::to_value(position).unwrap(), position.to_string());
    }

    #[test]
    fn well_formed_positions_of_others_are_foreign_not_malformed() {
        for text in ["deadbeef-7", "k3F9-0", "0000000000000000-1", "2F9C01D2A4B8E673-4"] {
            let position: Position = text.parse().unwrap();
            assert_eq!(position.epoch(), Epoch::FOREIGN, "{text}");
        }
    }

    #[test]
    fn malformed_positions_are_refused() {
        let too_long = format!("{}-1", "a".repeat(65));
        for text in [
            "",
            "-",
            "abc",
            "-5",
            "abc-",
            "abc-x",
            "abc-+5",
            "abc--5",
            "abc-1.5",
            "a b-1",
            "é-1",
            "a-b-1",
            "abc-99999999999999999999",
            "abc- 1",
            "abc-1\n",
            too_long.as_str(),
        ] {
            assert_eq!(text.parse::<Position>(), Err(MalformedPosition), "{text:?}");
        }
    }
}
