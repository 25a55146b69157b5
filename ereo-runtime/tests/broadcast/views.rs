//! `filter` and `map`: what one client sees of a set.

use ereo_runtime::{ClientSet, LastEventId, OnLag, ResetReason, Subscription};

use crate::support::{Step, send, settle, step, steps};

fn number(text: &str) -> u64 {
    text.parse().unwrap()
}

fn even(set: &ClientSet<String>) -> Subscription<String> {
    set.subscribe(LastEventId::none()).filter(|text| number(text).is_multiple_of(2))
}

#[test]
fn a_filtered_reader_gets_the_messages_it_wants_at_their_places() {
    let set = ClientSet::<String>::new();
    let mut reader = even(&set);
    send(&set, 1..=5);
    let wanted = [Step::Message(2, "2".to_owned()), Step::Message(4, "4".to_owned())];
    assert_eq!(steps(&mut reader), wanted);
}

#[test]
fn the_position_goes_on_over_what_is_left_out() {
    let set = ClientSet::<String>::builder().history(2).build();
    let mut reader = set.subscribe(LastEventId::none()).filter(|_| false);
    for offset in 1..=10 {
        send(&set, offset..=offset);
        assert_eq!(step(&mut reader), Step::Waits);
        assert_eq!(reader.position(), set.position());
    }
    let again = steps(&mut set.subscribe(reader.position().into()));
    assert_eq!(again, [], "it comes back without having missed anything");
}

#[test]
fn a_mapped_reader_sees_its_view_at_the_same_places() {
    let set = ClientSet::<String>::new();
    let mut reader = set.subscribe(LastEventId::none()).map(|text| number(text) * 10);
    send(&set, 1..=2);
    assert_eq!(steps(&mut reader), [Step::Message(1, 10), Step::Message(2, 20)]);
}

#[test]
fn views_apply_in_the_order_they_are_written() {
    let set = ClientSet::<String>::new();
    let mut filtered_first = even(&set).map(|text| number(text) / 2);
    let mut mapped_first = set
        .subscribe(LastEventId::none())
        .map(|text| number(text) / 2)
        .filter(|half| half.is_multiple_of(2));
    send(&set, 1..=4);
    assert_eq!(steps(&mut filtered_first), [Step::Message(2, 1), Step::Message(4, 2)]);
    assert_eq!(steps(&mut mapped_first), [Step::Message(1, 0), Step::Message(4, 2)]);
}

#[tokio::test(start_paused = true)]
async fn word_of_what_is_missing_passes_every_view() {
    let set = ClientSet::<String>::builder().history(2).on_lag(OnLag::SkipToOldest).build();
    let start = set.position();
    send(&set, 1..=3);
    let mut reader = set.subscribe(start.into()).filter(|_| false).map(|text| number(text));
    let expired = Step::Reset { reason: ResetReason::Expired, missed: Some(3), offset: 3 };
    assert_eq!(step(&mut reader), expired);
    send(&set, 4..=6);
    settle(&set).await;
    let lagged = Step::Reset { reason: ResetReason::Lagged, missed: Some(1), offset: 4 };
    assert_eq!(step(&mut reader), lagged);
}

#[test]
fn views_of_one_reader_do_not_change_what_others_see() {
    let set = ClientSet::<String>::new();
    let mut plain = set.subscribe(LastEventId::none());
    let mut none = set.subscribe(LastEventId::none()).filter(|_| false);
    send(&set, 1..=3);
    assert_eq!(steps(&mut none), []);
    assert_eq!(steps(&mut plain).len(), 3);
}
