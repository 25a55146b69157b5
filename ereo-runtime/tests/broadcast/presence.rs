//! Who is in a set: members, the news of them, and the grace time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ereo_runtime::{
    ClientSet, EncodeError, LastEventId, Member, PresenceEvent, PresenceEvents, Subscription,
};
use proptest::prelude::*;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use tokio::time::{Instant, advance, timeout};

use crate::support::step;

const GRACE: Duration = Duration::from_secs(5);

fn with_grace() -> ClientSet<String> {
    ClientSet::builder().presence_grace(GRACE).build()
}

/// A connection of this member, as a response that has begun.
fn enter(set: &ClientSet<String>, key: &str) -> Subscription<String> {
    enter_with(set, key, 0)
}

fn enter_with(set: &ClientSet<String>, key: &str, info: u64) -> Subscription<String> {
    let mut connection = set.subscribe(LastEventId::none()).as_member(key, &info).unwrap();
    step(&mut connection);
    connection
}

/// Everything that the reader is told now, in short: `+ann`, `~ann 2`, `-ann`, `=ann,bob`.
fn told(events: &mut PresenceEvents) -> Vec<String> {
    std::iter::from_fn(|| match poll(events) {
        Poll::Ready(Some(event)) => Some(short(&event)),
        Poll::Ready(None) => panic!("the set is still there"),
        Poll::Pending => None,
    })
    .collect()
}

fn poll(events: &mut PresenceEvents) -> Poll<Option<PresenceEvent>> {
    pin!(events.recv()).poll(&mut Context::from_waker(Waker::noop()))
}

fn short(event: &PresenceEvent) -> String {
    match event {
        PresenceEvent::Members { members } => format!("={}", keys(members)),
        PresenceEvent::Joined(member) => format!("+{}", member.key()),
        PresenceEvent::Updated(member) => format!("~{} {}", member.key(), member.info_json()),
        PresenceEvent::Left(member) => format!("-{}", member.key()),
        other => panic!("unknown: {other:?}"),
    }
}

fn keys(members: &[Member]) -> String {
    members.iter().map(Member::key).collect::<Vec<_>>().join(",")
}

#[test]
fn connections_of_one_key_are_one_member() {
    let set = ClientSet::new();
    let mut events = set.presence();
    assert_eq!(told(&mut events), ["="]);
    let (phone, laptop) = (enter(&set, "ann"), enter(&set, "ann"));
    let bob = enter(&set, "bob");
    assert_eq!(told(&mut events), ["+ann", "+bob"]);
    let members = set.members();
    assert_eq!(keys(&members), "ann,bob");
    assert_eq!((members[0].connections(), members[1].connections(), set.len()), (2, 1, 3));
    drop(phone);
    assert_eq!(told(&mut events), [""; 0], "ann's laptop is still there");
    drop(laptop);
    drop(bob);
    assert_eq!(told(&mut events), ["-ann", "-bob"]);
    assert_eq!(set.members(), []);
}

#[test]
fn clients_without_a_name_are_no_members() {
    let set = ClientSet::<String>::new();
    let mut events = set.presence();
    let mut nobody = set.subscribe(LastEventId::none());
    step(&mut nobody);
    assert_eq!((set.len(), set.members().len()), (1, 0));
    drop(nobody);
    assert_eq!(told(&mut events), ["="]);
}

#[test]
fn a_member_is_there_once_its_response_has_begun_and_through_every_view() {
    let set = ClientSet::<String>::new();
    let reader = set.subscribe(LastEventId::none()).as_member("ann", &()).unwrap();
    assert_eq!(set.members(), [], "nothing was read");
    let mut reader = reader.filter(|_| true).map(String::len).as_member("bob", &()).unwrap();
    step(&mut reader);
    assert_eq!(keys(&set.members()), "bob", "the last word counts");
    let mut foreign = set.subscribe(ClientSet::<String>::new().position().into());
    foreign = foreign.as_member("cem", &()).unwrap();
    step(&mut foreign);
    assert_eq!(keys(&set.members()), "bob,cem", "it has been told of its reset");
}

#[test]
fn a_reader_begins_with_those_who_are_there() {
    let set = ClientSet::new();
    let _ann = enter(&set, "ann");
    let mut events = set.presence();
    let bob = enter(&set, "bob");
    assert_eq!(told(&mut events), ["=ann,bob"], "as it is when it is first asked");
    drop(bob);
    assert_eq!(told(&mut events), ["-bob"]);
    assert_eq!(told(&mut set.presence()), ["=ann"]);
}

#[test]
fn the_info_is_what_was_given_last() {
    let set = ClientSet::new();
    let mut events = set.presence();
    let _phone = enter_with(&set, "ann", 1);
    let laptop = enter_with(&set, "ann", 2);
    let _tablet = enter_with(&set, "ann", 2);
    assert_eq!(told(&mut events), ["=ann"]);
    let _again = enter_with(&set, "ann", 3);
    assert_eq!(told(&mut events), ["~ann 3"]);
    drop(laptop);
    let ann = set.members().remove(0);
    assert_eq!((ann.info::<u64>().unwrap(), ann.info_json()), (3, "3"));
    assert!(ann.info::<String>().is_err());
    assert_eq!(serde_json::to_string(&ann).unwrap(), r#"{"key":"ann","info":3}"#);
}

#[test]
fn info_that_cannot_be_serialized_enters_nobody() {
    struct Unserializable;

    impl Serialize for Unserializable {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(S::Error::custom("on purpose"))
        }
    }

    let set = ClientSet::<String>::new();
    let refused = set.subscribe(LastEventId::none()).as_member("ann", &Unserializable);
    assert!(matches!(refused, Err(EncodeError::Serialize(_))));
    assert_eq!((set.members().len(), set.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_back_within_the_grace_time_has_not_left() {
    let set = with_grace();
    let mut events = set.presence();
    let ann = enter(&set, "ann");
    assert_eq!(told(&mut events), ["=ann"]);
    drop(ann);
    advance(GRACE - Duration::from_millis(1)).await;
    let members = set.members();
    assert_eq!((keys(&members).as_str(), members[0].connections()), ("ann", 0));
    let ann = enter(&set, "ann");
    advance(GRACE * 10).await;
    assert_eq!(told(&mut events), [""; 0], "a reload does not flap");
    assert_eq!(set.members()[0].connections(), 1);
    drop(ann);
    advance(GRACE).await;
    assert_eq!(told(&mut events), ["-ann"]);
}

#[tokio::test(start_paused = true)]
async fn readers_that_wait_are_each_told_once_when_the_grace_time_is_over() {
    let set = with_grace();
    let (ann, bob) = (enter(&set, "ann"), enter(&set, "bob"));
    let begin = Instant::now();
    // Tasks of their own, so that nothing but their wakers can make them look.
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let mut events = set.presence();
            tokio::spawn(async move {
                let mut told = Vec::new();
                while told.len() < 3 {
                    told.push((short(&events.recv().await.unwrap()), begin.elapsed()));
                }
                (told, events)
            })
        })
        .collect();
    // They are parked, without a timer, when the first one goes.
    tokio::task::yield_now().await;
    drop(ann);
    tokio::time::sleep(Duration::from_secs(2)).await;
    drop(bob);
    for reader in readers {
        let (told, mut events) = timeout(GRACE * 10, reader).await.expect("it is woken").unwrap();
        let expected = [("=ann,bob", 0), ("-ann", 5), ("-bob", 7)];
        let expected = expected.map(|(told, at)| (told.to_owned(), Duration::from_secs(at)));
        assert_eq!(told, expected);
        assert!(poll(&mut events).is_pending(), "once");
    }
}

/// Neither `members` nor anybody's arrival waits for a reader to find that somebody has left.
#[tokio::test(start_paused = true)]
async fn without_a_reader_one_leaves_on_time_as_well() {
    let set = with_grace();
    drop(enter(&set, "ann"));
    advance(GRACE).await;
    assert_eq!(set.members(), []);
    let ann = enter(&set, "ann");
    let mut events = set.presence();
    drop(ann);
    assert_eq!(told(&mut events), ["=ann"]);
    advance(GRACE).await;
    let _again = enter(&set, "ann");
    assert_eq!(told(&mut events), ["-ann", "+ann"], "it was away for too long");
}

#[tokio::test(start_paused = true)]
async fn a_grace_time_without_end_is_a_year() {
    let set = ClientSet::<String>::builder().presence_grace(Duration::MAX).build();
    drop(enter(&set, "ann"));
    assert_eq!(keys(&set.members()), "ann");
    advance(Duration::from_secs(366 * 24 * 3600)).await;
    assert_eq!(set.members(), []);
}

#[test]
fn a_reader_that_is_too_slow_gets_the_members_as_they_are() {
    let set = ClientSet::new();
    let mut slow = set.presence();
    let mut quick = set.presence();
    assert_eq!((told(&mut slow), told(&mut quick)), (vec!["=".to_owned()], vec!["=".to_owned()]));
    let stays = enter(&set, "stays");
    assert_eq!(told(&mut quick), ["+stays"]);
    for n in 0..1_000 {
        let key = n.to_string();
        drop(enter(&set, &key));
        assert_eq!(told(&mut quick), [format!("+{key}"), format!("-{key}")]);
    }
    assert_eq!(told(&mut slow), ["=stays"]);
    drop(stays);
    assert_eq!(told(&mut slow), ["-stays"], "and goes on");
}

#[test]
fn a_room_has_members_of_its_own() {
    let set = ClientSet::new();
    let mut events = set.presence();
    let _ann = enter(&set.room("a"), "ann");
    let _bob = enter(&set.room("b"), "bob");
    assert_eq!(keys(&set.room("a").members()), "ann");
    assert_eq!(told(&mut set.room("b").presence()), ["=bob"]);
    assert_eq!((told(&mut events), set.members()), (vec!["=".to_owned()], vec![]));
}

#[tokio::test]
async fn readers_end_with_the_set_behind_what_was_told() {
    let set = ClientSet::new();
    let mut events = set.presence();
    let ann = enter(&set, "ann");
    assert_eq!(told(&mut events), ["=ann"]);
    let bob = enter(&set, "bob");
    drop(ann);
    drop(set);
    assert_eq!(short(&events.recv().await.unwrap()), "+bob");
    assert_eq!(short(&events.recv().await.unwrap()), "-ann");
    assert_eq!(events.recv().await, None);
    drop(bob);
}

#[tokio::test]
async fn a_reader_that_waits_is_woken_by_the_end() {
    let set = ClientSet::<String>::new();
    let mut events = set.presence();
    assert_eq!(told(&mut events), ["="]);
    let (end, ()) = tokio::join!(biased; events.recv(), async move { drop(set) });
    assert_eq!(end, None);
}

/// What a client makes of the events: who is there, with what info.
#[derive(Default, Debug, PartialEq)]
struct View(BTreeMap<String, String>);

impl View {
    fn of(members: &[Member]) -> Self {
        Self(members.iter().map(|it| (it.key().to_owned(), it.info_json().to_owned())).collect())
    }

    /// Takes an event; each must be news.
    fn take(&mut self, event: PresenceEvent) {
        match event {
            PresenceEvent::Members { members } => *self = Self::of(&members),
            PresenceEvent::Joined(it) => {
                let before = self.0.insert(it.key().to_owned(), it.info_json().to_owned());
                assert_eq!(before, None, "{} was there", it.key());
            }
            PresenceEvent::Updated(it) => {
                let before = self.0.insert(it.key().to_owned(), it.info_json().to_owned());
                assert!(before.is_some_and(|info| info != it.info_json()), "{}", it.key());
            }
            PresenceEvent::Left(it) => {
                assert!(self.0.remove(it.key()).is_some(), "{} was not there", it.key());
            }
            other => panic!("unknown: {other:?}"),
        }
    }

    fn read(&mut self, events: &mut PresenceEvents) {
        while let Poll::Ready(event) = poll(events) {
            self.take(event.expect("the set is there"));
        }
    }
}

#[derive(Debug, Clone)]
enum Op {
    Enter { key: u8, info: u8 },
    Leave(prop::sample::Index),
    Pass(u8),
    Read,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..4u8, 0..3u8).prop_map(|(key, info)| Op::Enter { key, info }),
        3 => any::<prop::sample::Index>().prop_map(Op::Leave),
        2 => (1..8u8).prop_map(Op::Pass),
        1 => Just(Op::Read),
    ]
}

proptest! {
    /// Whatever happens and whenever it reads, a reader knows what `members` says, and that is what a
    /// naive account of connections and departures says.
    #[test]
    fn snapshot_and_events_are_the_members(ops in prop::collection::vec(op(), 1..60), grace in 0..6u64) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
            let grace = Duration::from_secs(grace);
            let set = ClientSet::<String>::builder().presence_grace(grace).build();
            let (mut often, mut seldom) = (set.presence(), set.presence());
            let (mut often_sees, mut seldom_sees) = (View::default(), View::default());
            let mut connections: Vec<(String, Subscription<String>)> = Vec::new();
            // Key, info, and since when nobody has been there.
            let mut account = BTreeMap::<String, (u8, Option<Duration>)>::new();
            let mut now = Duration::ZERO;
            for op in ops {
                match op {
                    Op::Enter { key, info } => {
                        let key = key.to_string();
                        connections.push((key.clone(), enter_with(&set, &key, info.into())));
                        account.insert(key, (info, None));
                    }
                    Op::Leave(which) if !connections.is_empty() => {
                        let (key, connection) = connections.remove(which.index(connections.len()));
                        drop(connection);
                        if connections.iter().all(|(other, _)| *other != key) {
                            account.get_mut(&key).unwrap().1 = Some(now);
                        }
                    }
                    Op::Leave(_) => {}
                    Op::Pass(seconds) => {
                        let passed = Duration::from_secs(seconds.into());
                        now += passed;
                        advance(passed).await;
                    }
                    Op::Read => seldom_sees.read(&mut seldom),
                }
                account.retain(|_, (_, since)| since.is_none_or(|since| now < since + grace));
                let expected = account.iter().map(|(key, (info, _))| (key.clone(), info.to_string()));
                let expected = View(expected.collect());
                assert_eq!(View::of(&set.members()), expected);
                often_sees.read(&mut often);
                assert_eq!(often_sees, expected);
            }
            seldom_sees.read(&mut seldom);
            assert_eq!(seldom_sees, often_sees);
        });
    }
}

#[test]
fn threads_that_come_and_go_leave_a_reader_with_the_truth() {
    const THREADS: usize = 4;
    let set = ClientSet::<String>::new();
    let mut events = set.presence();
    let mut view = View::default();
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let set = set.clone();
            std::thread::spawn(move || {
                for n in 0..500 {
                    // Keys that threads share, and info that they change for each other.
                    let key = (n % 3).to_string();
                    drop(enter_with(&set, &key, thread as u64));
                }
                // A subscription stays on its thread, so this one's ends with it.
                let _stays = enter_with(&set, "stays", 7);
            })
        })
        .collect();
    while threads.iter().any(|thread| !thread.is_finished()) {
        view.read(&mut events);
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    view.read(&mut events);
    assert_eq!(view, View::default());
    assert_eq!((set.members().len(), set.len()), (0, 0));
}

/// FAULTS F9: one member whose info is large and changes.
#[test]
fn news_are_kept_by_bytes_too_and_a_reader_that_lags_gets_all_members() {
    const LARGE: usize = 60_000;
    let set = ClientSet::<String>::new();
    let (mut quick, mut slow) = (set.presence(), set.presence());
    told(&mut quick);
    told(&mut slow);
    let mut stays = Vec::new();
    let taken = allocation_counter::measure(|| {
        for n in 0..250 {
            let info = format!("{n:03}{}", "x".repeat(LARGE));
            let reader = set.subscribe(LastEventId::none());
            let mut connection = reader.as_member("ann", &info).unwrap();
            step(&mut connection);
            stays = vec![connection];
            assert_eq!(told(&mut quick).len(), 1, "{n}");
        }
    });
    assert!(taken.bytes_current < 3 << 19, "{} bytes", taken.bytes_current);
    assert_eq!(told(&mut slow), ["=ann"]);
    // Nobody is there to read what was told.
    let freed = allocation_counter::measure(|| drop((quick, slow)));
    assert!(freed.bytes_current < -(3 << 18), "{} bytes", freed.bytes_current);
    assert_eq!(set.members().len(), 1);
    assert_eq!(told(&mut set.presence()), ["=ann"]);
}

#[test]
fn small_news_are_kept_by_number_as_ever() {
    let set = ClientSet::new();
    let mut events = set.presence();
    told(&mut events);
    let stays: Vec<_> = (0..256).map(|n| enter(&set, &format!("{n:0255}"))).collect();
    assert_eq!(told(&mut events).len(), 256, "each by itself");
    drop(stays);
}

#[test]
fn a_member_is_refused_whose_key_or_info_is_too_large() {
    let set = ClientSet::<String>::new();
    let enters = |key: usize, info: usize| {
        let (key, info) = ("k".repeat(key), "i".repeat(info));
        set.subscribe(LastEventId::none()).as_member(key, &info)
    };
    assert!(enters(255, (64 << 10) - 2).is_ok(), "with its quotes");
    assert!(matches!(enters(256, 0), Err(EncodeError::KeyTooLong { size: 256, limit: 255 })));
    assert!(matches!(
        enters(1, (64 << 10) - 1),
        Err(EncodeError::InfoTooLarge { size: 65_537, limit: 65_536 })
    ));
    assert!(enters(60_000, 0).is_err());
    assert_eq!(set.members(), []);
}

/// Who comes and goes under ever new names holds no more than a bound, however long the grace time is.
#[tokio::test(start_paused = true)]
async fn those_who_are_away_are_bounded_by_bytes() {
    let set = with_grace();
    let mut events = set.presence();
    assert_eq!(told(&mut events), ["="]);
    let info = "x".repeat(60_000);
    let mut gone = 0;
    for n in 0..1_000 {
        let key = format!("{n:03}");
        let mut connection = set.subscribe(LastEventId::none()).as_member(&key, &info).unwrap();
        step(&mut connection);
        assert_eq!(told(&mut events).pop().unwrap().get(..4), Some(&*format!("+{key}")));
        drop(connection);
        for left in told(&mut events) {
            assert_eq!(left, format!("-{gone:03}"), "the longest away has left, and is told");
            gone += 1;
        }
        assert!(set.members().len() <= (8 << 20) / info.len(), "{n}");
    }
    let away = set.members();
    assert_eq!(away.len() + gone, 1_000);
    assert!(away.len() >= 130, "{}", away.len());
    // Who comes back is there, and takes no room among those who are away.
    let mut back = set.subscribe(LastEventId::none()).as_member(away[0].key(), &info).unwrap();
    step(&mut back);
    assert_eq!(told(&mut events), Vec::<String>::new());
    advance(GRACE).await;
    assert_eq!(keys(&set.members()), away[0].key());
}
