//! Answers to what a page asks: [`Socket::reply`] beside `ask` of the browser module.

use serde::Serialize;

use super::link::Linked as _;
use super::sending::Sending;
use super::socket::{Connection, Socket};
use crate::message::{EncodeError, Event, Message, Payload, Sendable, to_json};
use crate::wire::encode_message;

impl<In, Out> Socket<In, Out> {
    /// Answers a message that the browser module has sent with `ask`: `message`, with `id` beside its fields.
    ///
    /// `ask` puts an `id` beside the fields of what it sends, and resolves with the first message that has
    /// the same. So the request is read with it, and it is handed back here:
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[derive(Deserialize)]
    /// struct Asked {
    ///     /// There where the page has asked, and not only sent.
    ///     id: Option<u64>,
    ///     #[serde(flatten)]
    ///     request: Request,
    /// }
    ///
    /// #[derive(Deserialize)]
    /// #[serde(tag = "type", rename_all = "snake_case")]
    /// enum Request {
    ///     Stock { item: String },
    /// }
    ///
    /// #[derive(Clone, Serialize, Message)]
    /// #[serde(tag = "type", rename_all = "snake_case")]
    /// enum Told {
    ///     Stock { pieces: u32 },
    /// }
    ///
    /// #[websocket("/stock/ws")]
    /// async fn stock(mut socket: Socket<Asked, Told>) -> Result<(), SocketError> {
    ///     while let Some(Asked { id, request: Request::Stock { item } }) = socket.recv().await? {
    ///         let told = Told::Stock { pieces: item.len() as u32 };
    ///         match id {
    ///             Some(id) => socket.reply(id, &told).await?,
    ///             None => socket.send(&told).await?,
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// ```js
    /// const { pieces } = await socket("/stock/ws").ask({ type: "stock", item: "pen" });
    /// ```
    ///
    /// A message that has a field `id` of its own goes by `send`.
    ///
    /// # Errors
    /// [`EncodeError::NoFields`] for a message that is no JSON object, such as a text or a list, besides those
    /// of [`Connection::send`].
    ///
    /// # Cancel safety
    /// Dropped before it is ready, nothing was sent.
    pub fn reply(&self, id: impl Serialize, message: &Out) -> Sending
    where
        Out: Sendable,
    {
        self.connection_ref().reply(id, message)
    }
}

impl<Out> Connection<Out> {
    /// Answers what the browser module has asked; see [`Socket::reply`].
    ///
    /// # Errors
    /// Those of [`Socket::reply`].
    ///
    /// # Cancel safety
    /// Dropped before it is ready, nothing was sent.
    pub fn reply(&self, id: impl Serialize, message: &Out) -> Sending
    where
        Out: Sendable,
    {
        let reply = to_json(&id).and_then(|id| encode_message(&Reply { id, message }));
        Sending::new(self.link(), reply)
    }
}

/// A message with the id of what it answers.
struct Reply<'a, Out> {
    /// As JSON.
    id: String,
    message: &'a Out,
}

impl<Out: Message> Message for Reply<'_, Out> {
    /// It is for sockets only.
    fn to_event(&self) -> Result<Event, EncodeError> {
        self.message.to_event()
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        let Payload::Text(text) = self.message.to_payload()? else {
            return Err(EncodeError::NoFields);
        };
        let fields = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let fields = fields.ok_or(EncodeError::NoFields)?;
        let comma = if fields.is_empty() { "" } else { "," };
        Ok(Payload::Text(format!("{{\"id\":{}{comma}{fields}}}", self.id).into()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reply(id: impl Serialize, message: impl Message) -> Result<Payload, EncodeError> {
        Reply { id: to_json(&id).unwrap(), message: &message }.to_payload()
    }

    #[test]
    fn the_id_stands_beside_the_fields() {
        for (id, message, sent) in [
            (json!(7), json!({ "a": 1 }), json!({ "id": 7, "a": 1 })),
            (json!("x"), json!({}), json!({ "id": "x" })),
            (
                json!(0),
                json!({ "type": "told", "of": ["}"] }),
                json!({ "id": 0, "type": "told", "of": ["}"] }),
            ),
        ] {
            let Payload::Text(text) = reply(id, message).unwrap() else {
                panic!("a reply is text")
            };
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), sent);
        }
    }

    #[test]
    fn what_has_no_fields_is_no_reply() {
        for message in [json!("text"), json!([1]), json!(1), json!(null)] {
            assert!(matches!(reply(1, message), Err(EncodeError::NoFields)));
        }
        assert!(matches!(reply(1, "text"), Err(EncodeError::NoFields)));
        assert!(matches!(reply(1, bytes::Bytes::from_static(b"{}")), Err(EncodeError::NoFields)));
    }
}
