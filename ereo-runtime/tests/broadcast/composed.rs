//! `take_until`, `starting_with` and `merge`: subscriptions made of others.

use ereo_runtime::{ClientSet, LastEventId, OnLag, Position, ResetReason, Subscription};

use crate::support::{Step, message, send, settle, step, steps};

fn text(offset: u64, text: &str) -> Step {
    Step::Message(offset, text.to_owned())
}

fn is_three(text: &String) -> bool {
    text == "3"
}

fn until_three(set: &ClientSet<String>, last: impl Into<LastEventId>) -> Subscription<String> {
    set.subscribe(last.into()).take_until(is_three)
}

#[test]
fn the_last_message_is_given_and_then_the_end() {
    let set = ClientSet::<String>::new();
    let mut reader = until_three(&set, LastEventId::none());
    send(&set, 1..=5);
    let given: Vec<_> = std::iter::repeat_with(|| step(&mut reader)).take(5).collect();
    assert_eq!(given, [message(1), message(2), message(3), Step::End, Step::End]);
    assert_eq!(set.len(), 1, "until it is dropped");
    drop(reader);
    assert_eq!(set.len(), 0);
}

#[test]
fn who_has_seen_the_last_message_gets_no_more() {
    let set = ClientSet::<String>::new();
    let before = set.position();
    let positions = send(&set, 1..=5);
    assert_eq!(step(&mut until_three(&set, positions[2])), Step::End);
    // Whoever has not seen it goes on to it.
    let mut again = until_three(&set, before);
    let given: Vec<_> = std::iter::repeat_with(|| step(&mut again)).take(4).collect();
    assert_eq!(given, [message(1), message(2), message(3), Step::End]);
    // Who begins anew has not, nor who is behind it.
    for last in [LastEventId::none(), positions[3].into(), positions[4].into()] {
        assert_ne!(step(&mut until_three(&set, last)), Step::End);
    }
}

#[tokio::test(start_paused = true)]
async fn a_last_message_that_is_the_newest_or_gone_is_known_as_far_as_it_is_kept() {
    let set = ClientSet::<String>::builder().history(1).build();
    let third = send(&set, 1..=3)[2];
    assert_eq!(step(&mut until_three(&set, third)), Step::End);
    send(&set, 4..=4);
    settle(&set).await;
    assert_eq!(step(&mut until_three(&set, third)), message(4), "its entry is gone");
}

#[test]
fn what_is_last_is_seen_as_the_client_sees_it() {
    let set = ClientSet::<String>::new();
    let positions = send(&set, 1..=3);
    let doubled = |last: LastEventId| {
        let numbers = set.subscribe(last).map(|text| text.parse::<u64>().unwrap() * 2);
        numbers.take_until(|number| *number == 4)
    };
    assert_eq!(step(&mut doubled(positions[1].into())), Step::End);
    assert_eq!(step(&mut doubled(positions[0].into())), Step::Message(2, 4));
    let odd = set.subscribe(positions[1].into()).filter(|text| text != "2");
    assert_eq!(step(&mut odd.take_until(|text| text == "2")), message(3), "it was left out");
}

#[test]
fn a_first_message_comes_before_all_and_moves_no_position() {
    let set = ClientSet::<String>::new();
    let before = set.position();
    send(&set, 1..=2);
    let mut reader = set.subscribe(before.into()).starting_with("now".to_owned());
    assert!(set.is_empty(), "not before it is read");
    assert_eq!(step(&mut reader), text(0, "now"));
    assert_eq!((set.len(), reader.position()), (1, before));
    assert_eq!(steps(&mut reader), [message(1), message(2)]);
}

#[test]
fn a_first_message_comes_behind_the_word_that_messages_are_missing() {
    let (set, other) = (ClientSet::<String>::new(), ClientSet::<String>::new());
    send(&set, 1..=2);
    let mut reader = set.subscribe(other.position().into()).starting_with("now".to_owned());
    let epoch = Step::Reset { reason: ResetReason::Epoch, missed: None, offset: 2 };
    assert_eq!(steps(&mut reader), [epoch, text(2, "now")]);
}

#[test]
fn a_first_message_goes_through_what_stands_behind_it() {
    let set = ClientSet::<String>::new();
    let none = LastEventId::none();
    let first = || set.subscribe(none).starting_with("3".to_owned());
    assert_eq!(step(&mut first().take_until(is_three)), text(0, "3"));
    assert_eq!(steps(&mut first().map(|text| text.len())), [Step::Message(0, 1)]);
    assert_eq!(steps(&mut first().filter(|text| text != "3")), []);
    let mut over = first().take_until(is_three);
    step(&mut over);
    assert_eq!(step(&mut over), Step::End, "the state was final already");
}

/// Two sets and the reader of both that came with `last`.
fn both(sets: &[ClientSet<String>; 2], last: impl Into<LastEventId>) -> Subscription<String> {
    let last = last.into();
    sets[0].subscribe(last).merge(sets[1].subscribe(last))
}

fn sets() -> [ClientSet<String>; 2] {
    [ClientSet::new(), ClientSet::new()]
}

fn id(text: &str) -> LastEventId {
    // As a client says it.
    use actix_web::FromRequest as _;
    let request = actix_web::test::TestRequest::default().insert_header(("last-event-id", text));
    let request = request.to_http_request();
    let extracted = LastEventId::from_request(&request, &mut actix_web::dev::Payload::None);
    futures_util::FutureExt::now_or_never(extracted).unwrap().unwrap()
}

#[test]
fn merged_sets_come_in_their_orders_and_one_position_resumes_all() {
    let sets = sets();
    let mut reader = both(&sets, LastEventId::none());
    send(&sets[0], 1..=2);
    sets[1].broadcast(&"a".to_owned()).unwrap();
    let mut seen = steps(&mut reader);
    seen.sort_by_key(|step| format!("{step:?}"));
    assert_eq!(seen, [message(1), text(1, "a"), message(2)]);
    let position = reader.last_event_id();
    assert_eq!(position.to_string(), format!("{}.{}", sets[0].position(), sets[1].position()));

    send(&sets[0], 3..=3);
    sets[1].broadcast(&"b".to_owned()).unwrap();
    let mut again = both(&sets, id(&position.to_string()));
    let mut seen = steps(&mut again);
    seen.sort_by_key(|step| format!("{step:?}"));
    assert_eq!(seen, [text(2, "b"), message(3)]);
    assert_eq!(steps(&mut both(&sets, again.last_event_id())), []);
}

#[test]
fn a_position_in_the_middle_of_both_replays_what_is_behind_it() {
    let sets = sets();
    send(&sets[0], 1..=4);
    send(&sets[1], 1..=4);
    let at = |set: usize, offset| format!("{}-{offset}", sets[set].position().epoch());
    let mut reader = both(&sets, id(&format!("{}.{}", at(0, 3), at(1, 2))));
    assert_eq!(steps(&mut reader), [message(4), message(3), message(4)]);
    // The order in which they are merged is no matter of the position.
    let mut reader = both(&sets, id(&format!("{}.{}", at(1, 2), at(0, 3))));
    assert_eq!(steps(&mut reader), [message(4), message(3), message(4)]);
}

#[test]
fn whatever_is_not_ours_is_one_reset() {
    let (sets, [third, _]) = (sets(), sets());
    send(&sets[0], 1..=2);
    let (a, b, c) = (sets[0].position(), sets[1].position(), third.position());
    let epoch = |offset| Step::Reset { reason: ResetReason::Epoch, missed: None, offset };
    for foreign in [
        "hello".to_owned(),
        a.to_string(),
        b.to_string(),
        format!("{a}.{c}"),
        format!("{a}.{b}.{c}"),
        format!("{a}.{b}.x"),
        format!("{a}.{b}."),
        format!("{a}.{a}.{b}"),
        format!("{a}.{b}-9"),
        format!("{a}, {b}"),
    ] {
        let mut reader = both(&sets, id(&foreign));
        assert_eq!(steps(&mut reader), [epoch(2)], "{foreign}");
        // From there on it is whole again.
        assert_eq!(steps(&mut both(&sets, reader.last_event_id())), [], "{foreign}");
    }
    // A single set's reader that comes with the position of several.
    let mut reader = sets[0].subscribe(id(&format!("{a}.{b}")));
    assert_eq!(steps(&mut reader), [epoch(2)]);
}

#[tokio::test(start_paused = true)]
async fn what_one_set_has_lost_is_told_and_the_other_goes_on() {
    let sets = [ClientSet::<String>::builder().history(1).build(), ClientSet::new()];
    let start = both(&sets, LastEventId::none()).last_event_id();
    send(&sets[0], 1..=3);
    send(&sets[1], 1..=2);
    settle(&sets[0]).await;
    let mut reader = both(&sets, start);
    let expired = Step::Reset { reason: ResetReason::Expired, missed: Some(3), offset: 3 };
    assert_eq!(steps(&mut reader), [expired, message(1), message(2)]);
}

#[tokio::test(start_paused = true)]
async fn one_that_lags_ends_the_whole_or_skips() {
    let small = || ClientSet::<String>::builder().history(1).build();
    let sets = [small(), ClientSet::new()];
    let mut reader = both(&sets, LastEventId::none());
    assert_eq!(step(&mut reader), Step::Waits);
    send(&sets[0], 1..=3);
    settle(&sets[0]).await;
    assert_eq!(step(&mut reader), Step::End);

    let sets = [small(), ClientSet::new()];
    let mut reader = both(&sets, LastEventId::none()).on_lag(OnLag::SkipToOldest);
    assert_eq!(step(&mut reader), Step::Waits);
    send(&sets[0], 1..=3);
    settle(&sets[0]).await;
    let lagged = Step::Reset { reason: ResetReason::Lagged, missed: Some(2), offset: 2 };
    assert_eq!(steps(&mut reader), [lagged, message(3)]);
}

#[test]
fn it_ends_when_all_have_ended() {
    let [first, second] = sets();
    let mut reader =
        first.subscribe(LastEventId::none()).merge(second.subscribe(LastEventId::none()));
    drop(first);
    assert_eq!(step(&mut reader), Step::Waits);
    send(&second, 1..=1);
    assert_eq!(step(&mut reader), message(1));
    drop(second);
    assert_eq!(step(&mut reader), Step::End);
}

#[test]
fn a_part_that_is_over_leaves_the_others_and_is_over_when_it_comes_back() {
    let sets = sets();
    let merged = |last: LastEventId| until_three(&sets[0], last).merge(sets[1].subscribe(last));
    let mut reader = merged(LastEventId::none());
    send(&sets[0], 1..=4);
    assert_eq!(steps(&mut reader), [message(1), message(2), message(3)]);
    assert_eq!(sets[0].len(), 0, "it has left");
    send(&sets[1], 1..=1);
    assert_eq!(steps(&mut reader), [message(1)]);
    let mut again = merged(reader.last_event_id());
    send(&sets[1], 2..=2);
    assert_eq!(steps(&mut again), [message(2)]);

    let all = |last| until_three(&sets[0], last).merge(until_three(&sets[1], last));
    send(&sets[1], 3..=3);
    let position = format!("{}-3.{}-3", sets[0].position().epoch(), sets[1].position().epoch());
    assert_eq!(step(&mut all(id(&position))), Step::End);
}

#[test]
fn the_end_is_the_first_last_message_of_any() {
    let sets = sets();
    let merged = |last: LastEventId| both(&sets, last).take_until(is_three);
    let mut reader = merged(LastEventId::none());
    send(&sets[1], 1..=4);
    let seen: Vec<_> = std::iter::repeat_with(|| step(&mut reader)).take(4).collect();
    assert_eq!(seen, [message(1), message(2), message(3), Step::End]);
    assert_eq!(step(&mut merged(reader.last_event_id())), Step::End);
}

#[test]
fn views_compose_around_merged_sets_and_within_them() {
    let (texts, numbers) = (ClientSet::<String>::new(), ClientSet::<serde_json::Value>::new());
    let last = LastEventId::none();
    let of_numbers = numbers.subscribe(last).map(|number: &serde_json::Value| format!("#{number}"));
    let mut reader = texts
        .subscribe(last)
        .filter(|text| text != "2")
        .merge(of_numbers)
        .filter(|text| text != "#7")
        .map(|text| text.len())
        .starting_with(0);
    assert_eq!(steps(&mut reader), [Step::Message(0, 0)]);
    send(&texts, 1..=3);
    numbers.broadcast(&7.into()).unwrap();
    numbers.broadcast(&10.into()).unwrap();
    let mut seen = steps(&mut reader);
    seen.sort_by_key(|step| format!("{step:?}"));
    assert_eq!(seen, [Step::Message(1, 1), Step::Message(2, 3), Step::Message(3, 1)]);
    let places = [texts.position(), numbers.position()].map(|place: Position| place.to_string());
    assert_eq!(reader.last_event_id().to_string(), places.join("."));
}

#[test]
fn three_and_more_are_merged_in_a_row() {
    let rooms: Vec<ClientSet<String>> = (0..5).map(|_| ClientSet::new()).collect();
    let merged = |last: LastEventId| {
        let all = rooms.iter().map(|room| room.subscribe(last));
        all.reduce(Subscription::merge).unwrap()
    };
    let mut reader = merged(LastEventId::none());
    for room in &rooms {
        send(room, 1..=2);
    }
    assert_eq!(steps(&mut reader).len(), 10);
    let position = reader.last_event_id().to_string();
    assert_eq!(position.split('.').count(), 5);
    send(&rooms[3], 3..=3);
    assert_eq!(steps(&mut merged(id(&position))), [message(3)]);
}

#[test]
fn more_sets_than_fit_into_a_position_are_reset_and_not_forgotten() {
    let rooms: Vec<ClientSet<String>> = (0..20).map(|_| ClientSet::new()).collect();
    let merged = |last: LastEventId| {
        let all = rooms.iter().map(|room| room.subscribe(last));
        all.reduce(Subscription::merge).unwrap()
    };
    let position = merged(LastEventId::none()).last_event_id();
    let mut again = merged(position);
    assert!(matches!(steps(&mut again)[..], [Step::Reset { reason: ResetReason::Epoch, .. }]));
}

#[test]
fn one_set_that_is_merged_twice_is_reset_when_it_comes_back() {
    let set = ClientSet::<String>::new();
    let merged = |last: LastEventId| {
        let even = |text: &String| text.parse::<u64>().unwrap() % 2 == 0;
        let odd = move |text: &String| !even(text);
        set.subscribe(last).filter(even).merge(set.subscribe(last).filter(odd))
    };
    let mut reader = merged(LastEventId::none());
    send(&set, 1..=4);
    assert_eq!(steps(&mut reader).len(), 4);
    let id = id(&reader.last_event_id().to_string());
    assert!(matches!(steps(&mut merged(id))[0], Step::Reset { reason: ResetReason::Epoch, .. }));
}

#[test]
fn as_a_member_it_is_there_in_each_of_its_sets() {
    let sets = sets();
    let reader = both(&sets, LastEventId::none()).as_member("ann", "reading").unwrap();
    let mut reader = reader;
    assert_eq!(step(&mut reader), Step::Waits);
    for set in &sets {
        assert_eq!(set.members().len(), 1);
    }
    drop(reader);
    assert!(sets.iter().all(|set| set.members().is_empty()));
}
