//! What a `cfg` takes away: arguments, fields, variants, hooks, routes.

use ereo_runtime::prelude::*;

/// An argument that is not there, and one that is.
#[loader("/conditions/{room}")]
async fn arguments(
    room: String,
    #[cfg(any())] nothing: OfThis,
    #[cfg(not(any()))] page: Query<u8>,
    #[cfg_attr(all(), cfg(any()))] other: OfThat,
    #[cfg_attr(any(), cfg(any()))] set: Data<ClientSet<String>>,
    #[allow(unused_variables, reason = "it is only there")] last: LastEventId,
) -> String {
    format!("{room} {page:?} {set:?}")
}

/// A parameter under either condition.
#[sse("/conditions/{id}/feed")]
async fn parameter(
    #[cfg(any())] id: String,
    #[cfg(not(any()))] id: u64,
    set: Data<ClientSet<String>>,
) -> Subscription<String> {
    set.room(id.to_string()).subscribe(LastEventId::none())
}

/// A socket with a condition.
#[websocket("/conditions/ws")]
async fn socket(
    #[cfg(any())] mut socket: Socket<u8, u8>,
    #[cfg(not(any()))] mut socket: Socket<String, String>,
    #[cfg(any())] nothing: OfThis,
) -> Result<(), SocketError> {
    while let Some(text) = socket.recv().await? {
        socket.send(&text).await?;
    }
    Ok(())
}

/// Hooks.
struct Hooks {
    /// Where they answer.
    connection: Connection<String>,
}

#[websocket("/conditions/hooks")]
impl Hooks {
    /// Opens.
    async fn open(#[cfg(any())] nothing: OfThis, connection: Connection<String>) -> Self {
        Self { connection }
    }

    /// Answers.
    async fn message(
        &mut self,
        #[cfg(any())] message: Nothing,
        #[cfg(not(any()))] message: String,
    ) -> Result<(), SocketError> {
        self.connection.send(&message).await
    }

    /// Ends.
    #[cfg(any())]
    async fn close(self, reason: Nothing) {}
}

/// Fields and variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[non_exhaustive]
pub enum Feed {
    /// Is there.
    Here {
        /// Is not there.
        #[cfg(any())]
        nothing: OfThis,
        /// Is there.
        #[cfg_attr(all(), serde(rename = "something"))]
        other: u8,
    },
    /// Is not there.
    #[cfg(any())]
    Gone(OfThis),
    /// Is there.
    #[cfg_attr(all(), serde(untagged))]
    Rest(#[cfg(any())] OfThis, #[cfg(not(any()))] u8),
}

/// A type that is not there.
#[cfg(any())]
#[derive(Serialize, Deserialize, Message)]
struct Absent(OfThis);

#[test]
fn what_is_there_is_used() -> Result<(), ereo_runtime::EncodeError> {
    assert_eq!(arguments::path("a"), "/conditions/a");
    assert_eq!(parameter::path(7_u64), "/conditions/7/feed");
    assert_eq!((socket::ROUTE, Hooks::ROUTE), ("/conditions/ws", "/conditions/hooks"));
    assert_eq!(Feed::Here { other: 1 }.to_event()?.data_str(), Some(r#"{"something":1}"#));
    assert_eq!(Feed::Rest(1).to_event()?.event_str(), None);
    Ok(())
}
