//! Paths built from a route's pattern: `room_feed::path("lobby")`.

use std::fmt::{Display, Write as _};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters (RFC 3986 section 2.3): such a segment reads back the same
/// everywhere, and no character of it can end the segment, the path or the query.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same for a tail, whose slashes are its own.
const TAIL: &AsciiSet = &SEGMENT.remove(b'/');

/// What may be given for a path parameter of type `T`: a `T` or `&T` that can be displayed, or text
/// for a type of the user's own that is read from text. `Kind` is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be given for a path parameter of type `{T}`",
    label = "expected `{T}` (with `Display`) or a `&str`",
    note = "a value of the parameter's own type must implement `Display`; its text can always be given"
)]
pub trait PathArgument<T: ?Sized, Kind> {
    /// Writes the unencoded text of the segment.
    fn segment(&self) -> String;
}

/// Markers for [`PathArgument`]'s `Kind`, never made: coherence needs them, nobody names them.
#[doc(hidden)]
pub mod kind {
    #[derive(Debug)]
    pub struct Value;
    #[derive(Debug)]
    pub struct Reference;
    #[derive(Debug)]
    pub struct Text;
    #[derive(Debug)]
    pub struct OwnedText;
}

impl<T: Display> PathArgument<T, kind::Value> for T {
    fn segment(&self) -> String {
        self.to_string()
    }
}

impl<T: Display> PathArgument<T, kind::Reference> for &T {
    fn segment(&self) -> String {
        self.to_string()
    }
}

impl<T> PathArgument<T, kind::Text> for &str {
    fn segment(&self) -> String {
        (*self).to_owned()
    }
}

impl<T> PathArgument<T, kind::OwnedText> for &String {
    fn segment(&self) -> String {
        (*self).clone()
    }
}

/// Puts a path together from the texts of a pattern and the values of its parameters.
#[derive(Debug, Default)]
#[must_use]
pub struct PathBuilder(String);

impl PathBuilder {
    /// An empty path.
    pub fn new() -> Self {
        Self::default()
    }

    /// Text of the pattern itself, as it stands there.
    pub fn text(mut self, text: &str) -> Self {
        self.0.push_str(text);
        self
    }

    /// A parameter, percent-encoded so that it is one segment whatever it holds.
    pub fn segment<T: ?Sized, Kind>(self, value: impl PathArgument<T, Kind>) -> Self {
        self.encoded(&value.segment(), SEGMENT)
    }

    /// A tail parameter: its slashes stay.
    pub fn tail<T: ?Sized, Kind>(self, value: impl PathArgument<T, Kind>) -> Self {
        self.encoded(&value.segment(), TAIL)
    }

    /// The path.
    pub fn finish(self) -> String {
        self.0
    }

    fn encoded(mut self, text: &str, set: &'static AsciiSet) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{}", utf8_percent_encode(text, set));
        self
    }
}
