//! Routes that send and take them.

use renamed::prelude::*;

use crate::shapes::*;

/// Two types of one name.
pub mod chat {
    use super::*;

    /// The one.
    #[derive(Debug, Clone, Serialize, Deserialize, Message, JsonSchema)]
    #[message(crate = renamed)]
    pub struct Line {
        /// Said.
        pub text: String,
    }
}

/// Two types of one name.
pub mod orders {
    use super::*;

    /// The other.
    #[derive(Debug, Clone, Serialize, Deserialize, Message, JsonSchema)]
    #[message(crate = renamed)]
    pub struct Line {
        /// Sold.
        pub amount: u32,
    }
}

macro_rules! streams {
    ($($name:ident $path:literal $message:ty;)*) => {$(
        /// A stream of it.
        #[sse($path, crate = renamed)]
        pub async fn $name(set: Data<ClientSet<$message>>, last: LastEventId) -> Subscription<$message> {
            set.subscribe(last)
        }
    )*};
}

streams! {
    external "/external" External;
    internal "/internal" Internal;
    adjacent "/adjacent" Adjacent;
    untagged "/untagged" Untagged;
    fields "/fields" Fields;
    tree "/tree" Tree;
    chat_pages "/chat/pages" Page<chat::Line>;
    order_pages "/orders/pages" Page<orders::Line>;
    unit "/unit" Unit;
    newtype "/newtype" Newtype;
    transparent "/transparent" Transparent;
    tuple "/tuple" Tuple;
    varying "/varying" Varying;
    nothing "/nothing" Nothing;
    empty "/empty" Empty;
    tagged "/tagged" Tagged;
    flattened "/flattened" Flattened;
    flattened_map "/flattened-map" FlattenedMap;
    flattened_external "/flattened-external" FlattenedExternal;
    either "/either" Either<Notice, Internal>;
    given "/settings" Settings;
    converted "/converted" Converted;
    borrowed "/borrowed" Borrowed<'static, u8, 2>;
    text "/text" String;
    any "/any" Event;
    who "/who" PresenceEvent;
}

/// How many, and from where.
#[derive(Debug, Deserialize, JsonSchema)]
#[message(crate = renamed)]
pub struct Paging {
    /// From which on.
    #[serde(default)]
    pub from: u32,
    /// How many.
    pub limit: Option<u32>,
}

/// A room's.
#[sse("/rooms/{room}/feed", crate = renamed)]
pub async fn room_feed(
    room: String,
    paging: Query<Paging>,
    set: Data<ClientSet<External>>,
    last: LastEventId,
) -> Result<Subscription<External>, std::io::Error> {
    let from = paging.from;
    Ok(set.room(format!("{room}/{from}")).subscribe(last))
}

/// A room's lines.
#[sse("/rooms/{room}/lines", crate = renamed)]
pub async fn lines(
    room: String,
    set: Data<ClientSet<chat::Line>>,
    last: LastEventId,
) -> Subscription<chat::Line> {
    set.room(room).subscribe(last)
}

/// The last of them.
#[loader("/rooms/{room}/last", live = lines, crate = renamed)]
pub async fn last_line(room: String) -> chat::Line {
    chat::Line { text: room }
}

/// Its settings.
#[loader("/settings/{id:[0-9]+}/{rest}*", crate = renamed)]
pub async fn settings(id: u32, rest: String) -> Result<Settings, std::io::Error> {
    Ok(Settings { volume: 0, name: format!("{id}{rest}") })
}

type Talking = Socket<Settings, Internal>;

/// A conversation.
#[websocket("/talk", crate = renamed)]
pub async fn talk(mut socket: Talking) -> Result<(), SocketError> {
    while let Some(settings) = socket.recv().await? {
        socket.send(&Internal::UserJoined { user_id: settings.name, seats: None }).await?;
    }
    Ok(())
}

/// Tells, and hears nothing.
#[websocket("/tell", crate = renamed)]
pub async fn tell(connection: Connection<Notice>) -> Result<(), SocketError> {
    connection.send(&Notice { text: String::new(), weight: 0 }).await
}

/// A conversation, with a state.
pub struct Counting(Connection<Page<Notice>>);

#[websocket("/count", crate = renamed)]
impl Counting {
    async fn open(connection: Connection<Page<Notice>>) -> Self {
        Self(connection)
    }

    async fn message(&mut self, line: orders::Line) -> Result<(), SocketError> {
        self.0.send(&Page { items: Vec::new(), total: line.amount }).await
    }
}
