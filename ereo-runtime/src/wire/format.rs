//! The forms in which readers take what a set sends.

pub(crate) use super::deflate::outbound::Form;

/// The form of a message's bytes for a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Events(Framing),
    Frames(Form),
}

/// The framing around server-sent events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Nothing: actix frames them as the protocol asks for it.
    Bare,
    /// The chunks of an HTTP/1 response, one a message.
    Chunks,
}

impl Format {
    /// As the metrics name it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Events(_) => "sse",
            Self::Frames(_) => "websocket",
        }
    }
}
