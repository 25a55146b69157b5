//! Messages that must not be compressed: [`Uncompressed`].

use std::cell::Cell;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::encode_error::EncodeError;
use super::event::Event;
use super::{Message, Payload, Reading};

/// Keeps the message that holds it from being compressed.
///
/// Compression tells something about what it compresses: how long the result is. Where one message
/// holds a secret and text that an attacker chooses, who can see the length of what goes over the wire
/// can guess the secret piece by piece, encrypted or not (CRIME, BREACH). So keep the two in different
/// messages, and wrap the secret: the whole message, or only the field or variant that is one.
///
/// ```
/// use ereo_runtime::Uncompressed;
/// use ereo_runtime::prelude::*;
///
/// #[derive(Clone, Serialize, Message)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum Told {
///     Said { text: String },
///     // Any message with a token in it goes out as it is; its JSON is that of a plain `String`.
///     Session { token: Uncompressed<String> },
/// }
/// ```
///
/// It has an effect where the message is encoded as a frame, and so not inside of a
/// [`serde_json::Value`] that was made before. Server-sent events are never compressed here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uncompressed<T>(pub T);

thread_local! {
    /// Whether an [`Uncompressed`] was met while this thread encodes a message. serde has no other way
    /// to bring word of it from the inside of a value to who encodes the whole.
    static MET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `encode`, and says whether what it encoded may be compressed.
pub(crate) fn may_be_compressed<R>(encode: impl FnOnce() -> R) -> (R, bool) {
    let _outer = Outer(MET.replace(false));
    let encoded = encode();
    (encoded, !MET.get())
}

/// What was met of the message whose encoding encodes another one on its way; put back also if that
/// panics.
struct Outer(bool);

impl Drop for Outer {
    fn drop(&mut self) {
        MET.set(self.0);
    }
}

impl<T> From<T> for Uncompressed<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Serialize> Serialize for Uncompressed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        MET.set(true);
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Uncompressed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// Its JSON is that of what it holds.
#[cfg(feature = "contract")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Uncompressed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

impl<T: Message> Message for Uncompressed<T> {
    fn to_event(&self) -> Result<Event, EncodeError> {
        self.0.to_event()
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        MET.set(true);
        self.0.to_payload()
    }

    fn reading() -> Reading {
        T::reading()
    }

    #[cfg(feature = "contract")]
    fn description() -> super::Description {
        T::description()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compressed<T: Message>(message: &T) -> bool {
        let (frame, may) = may_be_compressed(|| message.to_payload());
        frame.unwrap();
        may
    }

    #[test]
    fn one_anywhere_in_a_message_is_enough_and_says_nothing_of_the_next() {
        #[derive(Serialize)]
        struct Inner(u8, Vec<Uncompressed<u8>>);

        impl Message for Inner {
            fn to_event(&self) -> Result<Event, EncodeError> {
                crate::message::struct_event(self)
            }

            fn to_payload(&self) -> Result<Payload, EncodeError> {
                crate::message::derived::json_payload(self)
            }
        }

        assert!(!compressed(&Uncompressed("secret".to_owned())));
        assert!(compressed(&"text".to_owned()));
        assert!(!compressed(&Inner(1, vec![Uncompressed(2)])));
        assert!(compressed(&Inner(1, vec![])));
        let json = serde_json::to_string(&Inner(1, vec![Uncompressed(2)])).unwrap();
        assert_eq!(json, "[1,[2]]");
    }

    #[test]
    fn a_message_that_encodes_another_on_its_way_is_judged_by_itself() {
        let ((), outer) = may_be_compressed(|| {
            assert!(!compressed(&Uncompressed("secret".to_owned())));
        });
        assert!(outer);
        let ((), outer) = may_be_compressed(|| {
            Uncompressed("secret".to_owned()).to_payload().unwrap();
            assert!(compressed(&"text".to_owned()));
            let panics = || may_be_compressed(|| panic!("on purpose"));
            assert!(std::panic::catch_unwind(panics).is_err());
        });
        assert!(!outer, "what was met before stays met");
    }
}
