//! JSON and bytes on one typed socket: [`Mixed`].

use bytes::Bytes;

use super::error::DecodeError;
use super::message::{FromPayload, Json, Raw};
use crate::message::{EncodeError, Event, Message, Payload};

/// A typed message, or bytes: which of them is said by the kind of WebSocket message, text or binary.
///
/// ```
/// use ereo_runtime::prelude::*;
/// use ereo_runtime::Mixed;
///
/// #[derive(Deserialize)]
/// #[serde(tag = "type")]
/// enum Request {
///     Name { name: String },
/// }
///
/// #[derive(Clone, Serialize, Message)]
/// struct Stored { name: String, bytes: usize }
///
/// /// The page sends `{"type":"Name","name":"cat.png"}` and then the file.
/// #[websocket("/upload", max_message = "8MiB")]
/// async fn upload(mut socket: Socket<Mixed<Request>, Mixed<Stored>>) -> Result<(), SocketError> {
///     let mut name = "unnamed".to_owned();
///     while let Some(message) = socket.recv().await? {
///         match message {
///             Mixed::Message(Request::Name { name: given }) => name = given,
///             Mixed::Bytes(file) => {
///                 let stored = Stored { name: name.clone(), bytes: file.len() };
///                 socket.send(&Mixed::Message(stored)).await?;
///                 socket.send(&Mixed::Bytes(file.slice(..file.len().min(64)))).await?;
///             }
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// The page's `socket("/upload")` sends objects as JSON, an `ArrayBuffer`, a view or a `Blob` as it is, and
/// gets bytes as an `ArrayBuffer`. A client that sends JSON in binary messages is understood where a type
/// stands alone, and not in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mixed<T> {
    /// A text message.
    Message(T),
    /// A binary message.
    Bytes(Bytes),
}

#[diagnostic::do_not_recommend]
impl<T: FromPayload<Json>> FromPayload<Raw> for Mixed<T> {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        match frame {
            Payload::Text(_) => T::from_payload(frame).map(Self::Message),
            Payload::Binary(bytes) => Ok(Self::Bytes(bytes)),
        }
    }
}

impl<T: Message> Message for Mixed<T> {
    fn to_event(&self) -> Result<Event, EncodeError> {
        match self {
            Self::Message(message) => message.to_event(),
            Self::Bytes(bytes) => bytes.to_event(),
        }
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        match self {
            Self::Message(message) => message.to_payload(),
            Self::Bytes(bytes) => bytes.to_payload(),
        }
    }
}
