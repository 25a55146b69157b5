//! A connection's name among those of all servers.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ClientId;

/// Names a connection among those of all servers, where a [`ClientId`] names it in its process: for a request that
/// another server answers, say, which is to send to it or to leave it out.
///
/// As a text it is `process-id`, such as `5bd1e995a3f0c2d4-17`; so it is serialized, too. Whoever knows it can be sent
/// to by it, and no more: it is no secret, and no credential.
///
/// ```
/// use ereo_runtime::prelude::*;
/// use ereo_runtime::ClientName;
///
/// #[websocket("/lines/ws")]
/// async fn lines(mut socket: Socket<String, String>, set: Data<ClientSet<String>>) -> Result<(), SocketError> {
///     let _seat = set.join(&socket)?;
///     // The page sends it along with what it posts.
///     socket.send(&socket.id().name().to_string()).await?;
///     while let Some(line) = socket.recv().await? {
///         set.broadcast(&line)?;
///     }
///     Ok(())
/// }
///
/// /// Whichever server takes the post, the page that has posted is left out.
/// fn post(set: &ClientSet<String>, page: &str, line: String) -> Result<(), Box<dyn std::error::Error>> {
///     let page: ClientName = page.parse()?;
///     set.broadcast_except(page, &line)?;
///     Ok(())
/// }
/// # let _ = post;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientName {
    process: u64,
    id: ClientId,
}

/// A text that names no connection.
///
/// ```
/// use ereo_runtime::ClientName;
///
/// assert!("5bd1e995a3f0c2d4-17".parse::<ClientName>().is_ok());
/// assert!("17".parse::<ClientName>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no client's name: expected `process-id` as `ClientId::name` gives it, such as `5bd1e995a3f0c2d4-17`"
)]
pub struct MalformedClientName;

/// Differs from process to process.
fn this_process() -> u64 {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    *PROCESS.get_or_init(rand::random)
}

impl ClientId {
    /// The connection's name among those of all servers.
    pub fn name(self) -> ClientName {
        ClientName { process: this_process(), id: self }
    }
}

impl From<ClientId> for ClientName {
    fn from(id: ClientId) -> Self {
        id.name()
    }
}

impl ClientName {
    /// Bytes of [`ClientName::to_bytes`].
    pub(crate) const BYTES: usize = 16;

    /// The connection, if it is one of this process.
    pub(crate) fn here(self) -> Option<ClientId> {
        (self.process == this_process()).then_some(self.id)
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let both = u128::from(self.process) << 64 | u128::from(self.id.get());
        both.to_be_bytes()
    }

    pub(crate) fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let (process, id) = bytes.split_first_chunk::<8>()?;
        let id = NonZeroU64::new(u64::from_be_bytes(id.try_into().ok()?))?;
        Some(Self { process: u64::from_be_bytes(*process), id: ClientId::of(id) })
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.process, self.id)
    }
}

impl FromStr for ClientName {
    type Err = MalformedClientName;

    fn from_str(text: &str) -> Result<Self, MalformedClientName> {
        let parts = text.split_once('-').and_then(|(process, id)| {
            let process = u64::from_str_radix(process, 16).ok()?;
            Some(Self { process, id: ClientId::of(id.parse().ok()?) })
        });
        // Only the spelling that `Display` writes.
        parts.filter(|name| name.to_string() == text).ok_or(MalformedClientName)
    }
}

impl Serialize for ClientName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClientName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_in_each_of_its_spellings() {
        let name = ClientId::next().name();
        assert_eq!(name.to_string().parse(), Ok(name));
        assert_eq!(ClientName::from_bytes(name.to_bytes()), Some(name));
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(serde_json::from_str::<ClientName>(&json).unwrap(), name);
        assert_eq!(ClientName::from_bytes([0; ClientName::BYTES]), None);
    }

    #[test]
    fn another_process_has_none_of_this_ones() {
        let name = ClientId::next().name();
        assert_eq!(name.here(), Some(name.id));
        assert_eq!(ClientName { process: !name.process, ..name }.here(), None);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "-", "17", "5bd1e995a3f0c2d4-", "5bd1e995a3f0c2d4-0", "5BD1E995A3F0C2D4-1"]
        {
            assert_eq!(text.parse::<ClientName>(), Err(MalformedClientName), "{text:?}");
        }
        for text in ["+000000000000001-1", "5bd1e995a3f0c2d4-+1", "5bd1e995a3f0c2d4-01", "1-1"] {
            assert_eq!(text.parse::<ClientName>(), Err(MalformedClientName), "{text:?}");
        }
    }
}
