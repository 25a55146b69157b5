//! Rooms to chat in: who is there, who types, and what is said.

use ereo_runtime::prelude::*;

use crate::session::User;

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Say {
    Line { id: Option<u64>, text: String },
    Typing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told {
    Line {
        user: String,
        text: String,
    },
    /// For those who are there now, and nobody else.
    Typing {
        user: String,
    },
    /// All who are there.
    Present {
        users: Vec<String>,
    },
    Joined {
        user: String,
    },
    Left {
        user: String,
    },
    /// To who asked for it.
    Taken,
}

/// One connection of a user in a room.
pub struct Chat {
    user: User,
    connection: Connection<Told>,
    seat: Seat<Told>,
}

#[websocket("/rooms/{room}/ws")]
impl Chat {
    async fn open(
        room: String,
        user: User,
        connection: Connection<Told>,
        rooms: Data<ClientSet<Told>>,
    ) -> actix_web::Result<Self> {
        let seat = rooms.try_room(room)?.join(&connection)?.as_member(&user.name, "")?;
        Ok(Self { user, connection, seat })
    }

    fn hears(&mut self) -> PresenceEvents {
        self.seat.set().presence()
    }

    async fn message(&mut self, say: Say) -> Result<(), SocketError> {
        let user = self.user.name.clone();
        match say {
            Say::Typing => {
                let room = self.seat.set();
                room.broadcast_ephemeral_except(self.seat.id(), &Told::Typing { user })?;
            }
            Say::Line { id, text } => {
                self.seat.broadcast_others(&Told::Line { user, text })?;
                if let Some(id) = id {
                    self.connection.reply(id, &Told::Taken).await?;
                }
            }
        }
        Ok(())
    }

    async fn heard(&mut self, event: PresenceEvent) -> Result<(), SocketError> {
        let name = |member: ereo_runtime::Member| member.key().to_owned();
        let told = match event {
            PresenceEvent::Members { members } | PresenceEvent::Incomplete { members } => {
                Told::Present { users: members.into_iter().map(name).collect() }
            }
            PresenceEvent::Joined(member) => Told::Joined { user: name(member) },
            PresenceEvent::Left(member) => Told::Left { user: name(member) },
            _ => return Ok(()),
        };
        self.connection.send(&told).await
    }
}
