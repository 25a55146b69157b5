//! The targets.

mod event_stream;
mod events;
mod forwarded;
mod frames;
mod inflate;
mod json;
mod names;
mod offers;
mod origins;
mod position;
mod reader;
mod reading;

/// A property of one parser.
pub struct Target {
    /// The folder of its corpus, and of the fuzz target.
    pub name: &'static str,
    /// Panics when the property does not hold for these bytes.
    pub run: fn(&[u8]),
    /// Bytes with a meaning to the parser, for mutations.
    pub dictionary: &'static [&'static [u8]],
}

/// All of them.
pub const TARGETS: &[Target] = &[
    reader::TARGET,
    frames::TARGET,
    inflate::TARGET,
    offers::TARGET,
    origins::TARGET,
    forwarded::TARGET,
    position::TARGET,
    events::TARGET,
    event_stream::TARGET,
    json::TARGET,
    names::TARGET,
];
