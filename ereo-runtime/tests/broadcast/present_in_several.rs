//! Names of rooms, who is in any of them, readers that are there in several sets, and presence beside messages.

use ereo_runtime::{ClientSet, Ending, LastEventId, Message, PresenceEvent, Subscription, Who};
use serde::Serialize;

use crate::support::{Step, message, send, step, steps};

fn reader(set: &ClientSet<String>, key: &str) -> Subscription<String> {
    let reader = set.subscribe(LastEventId::none());
    let mut reader = reader.as_member(key, &set.position().epoch().to_string()).unwrap();
    assert_eq!(step(&mut reader), Step::Waits);
    reader
}

fn keys(set: &ClientSet<String>) -> Vec<(String, usize)> {
    let members = set.members_with_rooms();
    members.iter().map(|member| (member.key().to_owned(), member.connections())).collect()
}

#[tokio::test(start_paused = true)]
async fn rooms_have_names_as_long_as_there_are_rooms() {
    let chat = ClientSet::<String>::new();
    assert_eq!(chat.room_names(), Vec::<String>::new());
    let (b, a) = (chat.room("b"), chat.room("a"));
    let nested = a.room("inner");
    assert_eq!(chat.room_names(), ["a", "b"]);
    assert_eq!(a.room_names(), ["inner"]);
    assert_eq!(chat.room_names().len(), chat.rooms());
    drop((a, b, nested));
    tokio::time::sleep(std::time::Duration::from_secs(900)).await;
    assert_eq!(chat.room_names(), Vec::<String>::new());
}

#[test]
fn who_is_in_any_room_is_one_member_with_all_connections() {
    let chat = ClientSet::<String>::new();
    assert_eq!(keys(&chat), []);
    let _own = reader(&chat, "ann");
    let in_a = (reader(&chat.room("a"), "ann"), reader(&chat.room("a"), "bob"));
    let _in_b = reader(&chat.room("b"), "bob");
    let _inner = reader(&chat.room("b").room("inner"), "cid");
    let _nobody = chat.room("c").subscribe(LastEventId::none());
    let named = |keys: Vec<(String, usize)>| {
        keys.into_iter().map(|(key, count)| format!("{key} {count}")).collect::<Vec<_>>()
    };
    assert_eq!(named(keys(&chat)), ["ann 2", "bob 2", "cid 1"]);
    assert_eq!(chat.len_with_rooms(), 5);
    assert_eq!((chat.len(), chat.members().len()), (1, 1), "these are of the set alone");
    drop(in_a);
    assert_eq!(named(keys(&chat)), ["ann 1", "bob 1", "cid 1"]);
}

#[test]
fn a_reader_is_a_member_of_sets_that_it_does_not_read() {
    let (room, everybody, admins) =
        (ClientSet::<String>::new(), ClientSet::<Told>::new(), ClientSet::<String>::new());
    let reader = room.subscribe(LastEventId::none()).as_member("ann", "reading").unwrap();
    let reader = reader.as_member_of(&everybody, "ann", "online").unwrap();
    let mut reader = reader.as_member_of(&admins, "root", &7).unwrap();
    assert!(everybody.members().is_empty(), "not before it is read");
    assert_eq!(step(&mut reader), Step::Waits);
    assert_eq!(room.members()[0].info::<String>().unwrap(), "reading");
    assert_eq!(everybody.members()[0].info::<String>().unwrap(), "online");
    assert_eq!(admins.members()[0].info::<u8>().unwrap(), 7);
    assert_eq!((everybody.len(), admins.len()), (0, 0), "it is no client of these");
    send(&room, 1..=1);
    assert_eq!(steps(&mut reader), [message(1)]);
    drop(reader);
    assert!(room.members().is_empty() && everybody.members().is_empty());
    assert!(admins.members().is_empty());
    let too_long = "x".repeat(256);
    let refused = room.subscribe(LastEventId::none()).as_member_of(&admins, too_long, &0);
    assert!(refused.is_err());
}

#[derive(Debug, Clone, PartialEq, Serialize, Message)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Said { text: String },
    Here { keys: Vec<String> },
    Came { key: String },
    Went { key: String },
}

impl From<PresenceEvent> for Told {
    fn from(event: PresenceEvent) -> Self {
        match event {
            PresenceEvent::Members { members } => {
                Self::Here { keys: members.iter().map(|member| member.key().to_owned()).collect() }
            }
            PresenceEvent::Left(member) => Self::Went { key: member.key().to_owned() },
            PresenceEvent::Joined(member) | PresenceEvent::Updated(member) => {
                Self::Came { key: member.key().to_owned() }
            }
            other => unreachable!("{other:?}"),
        }
    }
}

#[test]
fn who_is_there_comes_beside_the_messages_as_messages_of_ones_own() {
    let set = ClientSet::<Told>::new();
    let member = |key: &str| {
        let reader = set.subscribe(LastEventId::none()).as_member(key, "").unwrap();
        let mut reader = reader.with_presence(set.presence());
        let first = steps(&mut reader);
        (reader, first)
    };
    let here = |keys: &[&str]| {
        Step::Message(0, Told::Here { keys: keys.iter().map(|key| (*key).to_owned()).collect() })
    };
    let (mut ann, first) = member("ann");
    assert_eq!(first, [here(&["ann"])]);
    let (bob, first) = member("bob");
    assert_eq!(first, [here(&["ann", "bob"])]);
    assert_eq!(steps(&mut ann), [Step::Message(0, Told::Came { key: "bob".to_owned() })]);
    let said = Told::Said { text: "hi".to_owned() };
    set.broadcast(&said).unwrap();
    assert_eq!(steps(&mut ann), [Step::Message(1, said)]);
    drop(bob);
    assert_eq!(steps(&mut ann), [Step::Message(1, Told::Went { key: "bob".to_owned() })]);
    assert_eq!(ann.position(), set.position());
}

#[tokio::test]
async fn presence_alone_is_a_stream_of_ones_own_messages() {
    use futures_util::StreamExt as _;
    let set = ClientSet::<Told>::new();
    let mut told = Box::pin(set.presence().into_messages::<Told>());
    assert_eq!(told.next().await, Some(Told::Here { keys: Vec::new() }));
}

#[test]
fn a_reader_ends_by_name_in_any_set_that_it_is_in() {
    let (room, other, everybody) =
        (ClientSet::<String>::new(), ClientSet::<String>::new(), ClientSet::<Told>::new());
    let reader = || {
        let last = LastEventId::none();
        let both = room.subscribe(last).merge(other.subscribe(last));
        let both = both.as_member("ann", "reading").unwrap();
        let mut both = both.as_member_of(&everybody, "ann", "online").unwrap();
        assert_eq!(step(&mut both), Step::Waits);
        both
    };
    let logged_out = Ending::code(4001, "logged out").final_();
    for disconnect in [
        (&|| room.disconnect(Who::Member("ann"), logged_out.clone())) as &dyn Fn() -> usize,
        &|| other.disconnect(Who::All, logged_out.clone()),
        &|| everybody.disconnect(Who::Member("ann"), logged_out.clone()),
    ] {
        let mut ann = reader();
        assert_eq!(disconnect(), 1);
        assert_eq!((step(&mut ann), ann.ending()), (Step::End, Some(&logged_out)));
    }
    // What was broadcast before goes out first.
    let mut ann = reader();
    send(&room, 1..=2);
    send(&other, 1..=2);
    room.disconnect(Who::Member("ann"), logged_out.clone());
    send(&room, 3..=3);
    let mut given: Vec<_> = std::iter::repeat_with(|| step(&mut ann)).take(4).collect();
    given.sort_by_key(|step| format!("{step:?}"));
    assert_eq!(given, [message(1), message(1), message(2), message(2)]);
    assert_eq!((step(&mut ann), ann.ending()), (Step::End, Some(&logged_out)));
}

#[test]
fn an_ephemeral_message_does_not_end_it_before_its_time() {
    let set = ClientSet::<String>::new();
    let mut ann = reader(&set, "ann");
    set.broadcast_ephemeral(&"a".to_owned()).unwrap();
    send(&set, 1..=1);
    set.disconnect(Who::Member("ann"), Ending::code(4001, "logged out"));
    set.broadcast_ephemeral(&"b".to_owned()).unwrap();
    assert_eq!(step(&mut ann), Step::Message(0, "a".to_owned()));
    assert_eq!(step(&mut ann), message(1));
    assert_eq!(step(&mut ann), Step::End);
}
