//! What readers of a set's presence are told: [`PresenceEvent`].

use serde::Serialize;

use super::member::Member;
use crate::message::{EncodeError, Event, Message, Payload, json_payload, to_json};

/// What is told of who is in a set; see [`ClientSet::presence`](crate::broadcast::ClientSet::presence).
///
/// It can be sent to clients as it is:
///
/// | event | server-sent event | WebSocket frame, and the event's data |
/// |---|---|---|
/// | `Members` | `event: members` | `{"type":"members","members":[{"key":..,"info":..}, ..]}` |
/// | `Incomplete` | `event: members` | `{"type":"members","members":[..],"complete":false}` |
/// | `Joined` | `event: joined` | `{"type":"joined","key":..,"info":..}` |
/// | `Updated` | `event: updated` | `{"type":"updated","key":..,"info":..}` |
/// | `Left` | `event: left` | `{"type":"left","key":..,"info":..}` |
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/chat/{room}")]
/// async fn chat(
///     room: String,
///     mut socket: Socket<String, String>,
///     set: Data<ClientSet<String>>,
/// ) -> Result<(), SocketError> {
///     let room = set.room(&room);
///     let mut presence = room.presence();
///     let _seat = room.join(&socket)?.as_member("ann", "here")?;
///     loop {
///         tokio::select! {
///             event = presence.recv() => match event {
///                 Some(PresenceEvent::Joined(member)) => socket.send(&format!("{} is here", member.key())).await?,
///                 Some(PresenceEvent::Left(member)) => socket.send(&format!("{} has left", member.key())).await?,
///                 Some(_) => {}
///                 None => return Ok(()),
///             },
///             said = socket.recv() => match said? {
///                 Some(line) => { room.broadcast(&line)?; }
///                 None => return Ok(()),
///             },
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PresenceEvent {
    /// All who are there: it stands in for everything that was told before. The first event, and
    /// again whenever the reader was too slow for single ones.
    Members {
        /// In the order of their keys.
        members: Vec<Member>,
    },
    /// The same, of a set that several servers have in common, while this one cannot reach their store: those who
    /// were there when it last did, and those who have come to this server since. Others may be there as well, and some
    /// of these not: nobody is told to have left meanwhile. It is followed by `Members` when all are known again.
    ///
    /// It comes when the store has not answered for fifteen seconds, and first where it does not within five. Who
    /// ignores it goes on with what was told before.
    Incomplete {
        /// In the order of their keys.
        members: Vec<Member>,
    },
    /// The first connection of a member is there.
    Joined(Member),
    /// The info of a member is another one now.
    Updated(Member),
    /// The last connection of a member has left, and none has come within the grace time.
    Left(Member),
}

impl PresenceEvent {
    /// Bytes of memory that it takes among the news, if what it refers to is in no other place: an info is
    /// there until it is another one, and a member until it leaves.
    pub(super) fn cost(&self) -> usize {
        /// A place in the log, which may have grown to twice what it needs.
        const BESIDE: usize = 2 * (size_of::<PresenceEvent>() + 40);
        let members = match self {
            Self::Members { members } | Self::Incomplete { members } => members.as_slice(),
            Self::Joined(member) | Self::Updated(member) | Self::Left(member) => {
                std::slice::from_ref(member)
            }
        };
        BESIDE + members.iter().map(Member::cost).sum::<usize>()
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Members { .. } | Self::Incomplete { .. } => "members",
            Self::Joined(_) => "joined",
            Self::Updated(_) => "updated",
            Self::Left(_) => "left",
        }
    }
}

/// The form of an event: those that say who is there are one to a page, which may look whether they say all.
#[derive(Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema), schemars(rename = "PresenceEvent"))]
#[serde(tag = "type", rename_all = "snake_case")]
enum Form<'a> {
    /// All who are there: it stands in for everything that was told before. The first event, and
    /// again whenever the reader was too slow for single ones.
    Members {
        /// In the order of their keys.
        members: &'a [Member],
        /// False while the server cannot reach the store that it has in common with others: then these are those
        /// that it knows of, until another `members` says all.
        #[serde(skip_serializing_if = "is_true")]
        complete: bool,
    },
    /// The first connection of a member is there.
    Joined(&'a Member),
    /// The info of a member is another one now.
    Updated(&'a Member),
    /// The last connection of a member has left, and none has come within the grace time.
    Left(&'a Member),
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_true(value: &bool) -> bool {
    *value
}

impl Serialize for PresenceEvent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match self {
            Self::Members { members } => Form::Members { members, complete: true },
            Self::Incomplete { members } => Form::Members { members, complete: false },
            Self::Joined(member) => Form::Joined(member),
            Self::Updated(member) => Form::Updated(member),
            Self::Left(member) => Form::Left(member),
        };
        form.serialize(serializer)
    }
}

#[cfg(feature = "contract")]
impl schemars::JsonSchema for PresenceEvent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Form::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        Form::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Form::json_schema(generator)
    }
}

impl Message for PresenceEvent {
    fn to_event(&self) -> Result<Event, EncodeError> {
        Ok(Event::new(to_json(self)?).event(self.name())?)
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        json_payload(self)
    }

    #[cfg(feature = "contract")]
    fn description() -> crate::message::Description {
        use crate::message::{Description, Form as Shape, Tagging};
        Description::of::<Self>(Shape::Variants { tagging: Tagging::Internal("type"), untagged: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broadcast::presence::member::Who;

    fn ann() -> Member {
        let Who { key, info } = Who::new("ann", &serde_json::json!({ "name": "Ann" })).unwrap();
        Member { key, info, connections: 1 }
    }

    #[test]
    fn the_wire_form_is_the_documented_one() {
        let all = PresenceEvent::Members { members: vec![ann()] };
        let some = PresenceEvent::Incomplete { members: vec![ann()] };
        let member = r#""key":"ann","info":{"name":"Ann"}"#;
        for (event, name, data) in [
            (all, "members", format!(r#"{{"type":"members","members":[{{{member}}}]}}"#)),
            (
                some,
                "members",
                format!(r#"{{"type":"members","members":[{{{member}}}],"complete":false}}"#),
            ),
            (PresenceEvent::Joined(ann()), "joined", format!(r#"{{"type":"joined",{member}}}"#)),
            (PresenceEvent::Updated(ann()), "updated", format!(r#"{{"type":"updated",{member}}}"#)),
            (PresenceEvent::Left(ann()), "left", format!(r#"{{"type":"left",{member}}}"#)),
        ] {
            let sse = event.to_event().unwrap();
            assert_eq!((sse.event_str(), sse.data_str()), (Some(name), Some(&*data)));
            assert_eq!(event.to_payload().unwrap(), Payload::Text(data.into()));
        }
    }
}
