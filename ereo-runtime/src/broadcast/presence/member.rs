//! Who is there: [`Member`].

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::broadcast::mailboxes::{DirectQueue, SeatKey};
use crate::message::EncodeError;
use crate::sync::Arc;

/// Bytes of a key.
const LONGEST_KEY: usize = 255;
/// Bytes of an info's JSON.
const LARGEST_INFO: usize = 64 << 10;

/// One who is in a set, with however many connections.
///
/// Serialized, it is `{"key": .., "info": ..}`.
///
/// ```
/// use ereo_runtime::prelude::*;
/// use serde_json::Value;
///
/// #[loader("/who")]
/// async fn who(set: Data<ClientSet<String>>) -> Vec<String> {
///     let members = set.members();
///     members.iter().map(|member| format!("{} ({})", member.key(), member.connections())).collect()
/// }
///
/// #[loader("/colors")]
/// async fn colors(set: Data<ClientSet<String>>) -> Vec<Value> {
///     set.members().iter().filter_map(|member| member.info().ok()).collect()
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Member {
    pub(super) key: Arc<str>,
    pub(super) info: Info,
    pub(super) connections: usize,
}

/// What [`Member`] serializes to.
#[cfg(feature = "contract")]
impl schemars::JsonSchema for Member {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Member".into()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        concat!(module_path!(), "::Member").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "One who is in a set, with however many connections.",
            "properties": {
                "key": { "type": "string", "description": "What the member was entered as." },
                "info": { "description": "What was given beside the key." },
            },
            "required": ["key", "info"],
        })
    }
}

impl Member {
    /// What the member was entered as, such as a user's id: connections of one key are one member.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What was given beside the key; if by several connections, what was given last.
    ///
    /// # Errors
    /// When it is no `I`.
    pub fn info<'a, I: Deserialize<'a>>(&'a self) -> Result<I, serde_json::Error> {
        serde_json::from_str(self.info_json())
    }

    /// The same as JSON.
    pub fn info_json(&self) -> &str {
        self.info.0.get()
    }

    /// Bytes of the heap that its key and info take.
    pub(super) fn cost(&self) -> usize {
        /// The counters of each, and what the heap adds.
        const BESIDE: usize = 2 * 32;
        BESIDE + self.key.len() + self.info_json().len()
    }

    /// Adds it to the members of other rooms.
    pub(in crate::broadcast) fn join_into(self, all: &mut BTreeMap<Arc<str>, Self>) {
        match all.entry(Arc::clone(&self.key)) {
            Entry::Vacant(place) => {
                place.insert(self);
            }
            Entry::Occupied(mut known) => known.get_mut().connections += self.connections,
        }
    }

    /// How many connections the member has at this moment: none while it is away for no longer than
    /// the grace time, nor once it has left.
    pub fn connections(&self) -> usize {
        self.connections
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.info == other.info && self.connections == other.connections
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut member = serializer.serialize_struct("Member", 2)?;
        member.serialize_field("key", self.key())?;
        member.serialize_field("info", &*self.info.0)?;
        member.end()
    }
}

/// What a member says of itself, as JSON that was made once.
#[derive(Debug, Clone)]
pub(crate) struct Info(Arc<RawValue>);

impl Info {
    pub(crate) fn of<I: Serialize + ?Sized>(info: &I) -> Result<Self, EncodeError> {
        let json = to_raw_value(info).map_err(EncodeError::Serialize)?;
        let (size, limit) = (json.get().len(), LARGEST_INFO);
        if size > limit {
            return Err(EncodeError::InfoTooLarge { size, limit });
        }
        Ok(Self(json.into()))
    }

    /// One that was kept as its JSON, if it is any.
    #[cfg_attr(not(feature = "redis"), allow(dead_code, reason = "for stores that keep members"))]
    pub(crate) fn kept(json: &str) -> Option<Self> {
        let json = (json.len() <= LARGEST_INFO).then(|| RawValue::from_string(json.to_owned()));
        Some(Self(json?.ok()?.into()))
    }

    /// Of somebody of whom nothing is said.
    pub(crate) fn null() -> Self {
        Self(RawValue::NULL.to_owned().into())
    }

    pub(crate) fn json(&self) -> &str {
        self.0.get()
    }

    pub(super) fn len(&self) -> usize {
        self.json().len()
    }
}

impl PartialEq for Info {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// A connection of a member.
#[derive(Clone)]
pub(crate) struct Entered {
    /// Of the connection in the set.
    pub(crate) seat: SeatKey,
    /// By what it is told to end.
    pub(crate) queue: Arc<dyn DirectQueue>,
}

/// As whom a connection enters.
#[derive(Clone)]
pub(crate) struct Who {
    pub(super) key: Arc<str>,
    pub(super) info: Info,
}

impl Who {
    pub(crate) fn new<I: Serialize + ?Sized>(
        key: impl Display,
        info: &I,
    ) -> Result<Self, EncodeError> {
        let key = key.to_string();
        let (size, limit) = (key.len(), LONGEST_KEY);
        if size > limit {
            return Err(EncodeError::KeyTooLong { size, limit });
        }
        Ok(Self { key: key.into(), info: Info::of(info)? })
    }
}
