//! Whatever value is sent, what goes over the wire is what the contract says: a property a shape, 10,000
//! cases each, judged by another crate's reading of JSON Schema.

use std::collections::BTreeMap;
use std::time::Duration;

use ereo_contract::shapes::*;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use renamed::contract::Info;
use renamed::{Message, Payload};
use serde_json::{Value, json};

const CASES: u32 = 10_000;

/// The contract's document, ready to judge events.
struct Judge(BTreeMap<String, jsonschema::Validator>);

impl Judge {
    /// Of one channel, by the names of its events.
    fn of(channel: &str) -> Self {
        let document = renamed::routes().unwrap().contract().asyncapi(&Info::default());
        let messages = document["channels"][channel]["messages"].as_object();
        let messages = messages.unwrap_or_else(|| panic!("no channel {channel}"));
        let validators = messages.values().map(|message| {
            let schema = json!({
                "$schema": "http://json-schema.org/draft-07/schema#",
                "allOf": [message["payload"]],
                "components": document["components"],
            });
            let name = message["name"].as_str().unwrap().to_owned();
            (name, jsonschema::draft7::new(&schema).unwrap())
        });
        Self(validators.collect())
    }

    fn accepts(&self, name: &str, data: &Value) -> Result<(), TestCaseError> {
        let validator = self.0.get(name);
        let validator =
            validator.ok_or_else(|| TestCaseError::fail(format!("no event {name:?}")))?;
        match validator.validate(data) {
            Ok(()) => Ok(()),
            Err(error) => Err(TestCaseError::fail(format!("{name}: {data}: {error}"))),
        }
    }
}

fn events_of<T: Message + std::fmt::Debug>(channel: &str, values: impl Strategy<Value = T>) {
    let judge = Judge::of(channel);
    let mut runner = TestRunner::new(Config { cases: CASES, ..Config::default() });
    let outcome = runner.run(&values, |value| {
        let event = value.to_event().unwrap();
        let data: Value = serde_json::from_str(event.data_str().unwrap()).unwrap();
        judge.accepts(event.event_str().unwrap_or("message"), &data)
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..4).prop_map(|letters| letters.into_iter().collect())
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("JSON has no others", |number| number.is_finite())
}

fn notice() -> impl Strategy<Value = Notice> {
    (text(), any::<u32>()).prop_map(|(text, weight)| Notice { text, weight })
}

fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![Just(Unit::FirstPlace), Just(Unit::SecondOne), Just(Unit::Third)]
}

fn fields() -> impl Strategy<Value = Fields> {
    let first = (any::<(u64, i64, char, bool)>(), finite(), any::<(u8, u8, u8)>());
    let texts = (proptest::option::of(text()), proptest::option::of(text()), vec(text(), 0..3));
    let maps = (
        btree_map(text(), any::<u32>(), 0..3),
        vec(any::<(i16, bool)>(), 0..3),
        btree_map(unit(), any::<u8>(), 0..3),
    );
    let rest = (
        (any::<u8>(), text()),
        any::<[u16; 3]>(),
        prop_oneof![any::<u8>().prop_map(Ok), text().prop_map(Err)],
        any::<(u64, u32)>(),
        vec(proptest::option::of(unit()), 0..3),
    );
    (first, texts, maps, rest).prop_map(|(first, texts, maps, rest)| {
        let ((large_number, signed, kind, told), ratio, (hidden, by_function, by_told_function)) =
            first;
        let (note, link, tags) = texts;
        let (counts, by_number, by_unit) = maps;
        let (pair, array, result, (secs, nanos), nested) = rest;
        Fields {
            large_number,
            signed,
            ratio,
            kind,
            note,
            link,
            tags,
            hidden,
            told,
            counts,
            by_number: by_number.into_iter().collect(),
            by_unit,
            pair,
            array,
            nothing: (),
            by_function,
            by_told_function,
            result,
            duration: Duration::new(secs, nanos % 1_000_000_000),
            nested,
        }
    })
}

fn external() -> impl Strategy<Value = External> {
    prop_oneof![
        Just(External::UserLeft),
        Just(External::Cleared),
        notice().prop_map(External::Notification),
        (text(), text()).prop_map(|(from_user, text)| External::ChatLine { from_user, text }),
        (any::<u8>(), text()).prop_map(|(a, b)| External::Pair(a, b)),
        any::<u64>().prop_map(External::Number),
        any::<Option<u8>>().prop_map(External::Perhaps),
        Just(External::Unit(())),
        any::<u8>().prop_map(External::Skipped),
        any::<u8>().prop_map(External::ByFunction),
        any::<u8>().prop_map(External::WholeByFunction),
        any::<(u8, Option<u8>)>().prop_map(|(a, b)| External::VaryingPair(a, b)),
        Just(External::Odd),
    ]
}

fn adjacent() -> impl Strategy<Value = Adjacent> {
    prop_oneof![
        Just(Adjacent::OnlyTag),
        notice().prop_map(Adjacent::One),
        any::<(u8, u8)>().prop_map(|(a, b)| Adjacent::Pair(a, b)),
        (any::<u8>(), proptest::option::of(text())).prop_map(|(a, b)| Adjacent::Fields { a, b }),
        any::<Option<u8>>().prop_map(Adjacent::Perhaps),
        Just(Adjacent::Nothing(())),
    ]
}

/// With the tag, and an object: what can be flattened.
fn tagged_object() -> impl Strategy<Value = Internal> {
    prop_oneof![
        Just(Internal::Bye),
        notice().prop_map(Internal::Line),
        (text(), any::<Option<u8>>())
            .prop_map(|(user_id, seats)| Internal::UserJoined { user_id, seats }),
        Just(Internal::Nothing(Nothing)),
        adjacent().prop_map(Internal::Inner),
        any::<u8>().prop_map(|bare| Internal::Bare { bare }),
    ]
}

fn internal() -> impl Strategy<Value = Internal> {
    // A key that is the tag is there twice, which no reader takes for one thing.
    let keys = text().prop_filter("the tag", |key| key != "type");
    prop_oneof![
        5 => tagged_object(),
        1 => btree_map(keys, any::<u8>(), 0..3).prop_map(Internal::Map),
        1 => any::<u8>().prop_map(Internal::Number),
    ]
}

fn untagged() -> impl Strategy<Value = Untagged> {
    prop_oneof![
        Just(Untagged::Nothing),
        any::<u32>().prop_map(Untagged::Number),
        notice().prop_map(Untagged::Notice),
        (any::<bool>(), text()).prop_map(|(a, b)| Untagged::Pair(a, b)),
        any::<(u8, Option<u8>)>().prop_map(|(left, right)| Untagged::Fields { left, right }),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = any::<u8>().prop_map(|value| Tree { value, children: vec![], next: None });
    leaf.prop_recursive(3, 8, 2, |inner| {
        (any::<u8>(), vec(inner.clone(), 0..3), proptest::option::of(inner.prop_map(Box::new)))
            .prop_map(|(value, children, next)| Tree { value, children, next })
    })
}

macro_rules! properties {
    ($($name:ident $channel:literal $values:expr;)*) => {$(
        #[test]
        fn $name() {
            ereo_contract::routes::text::path();
            events_of($channel, $values);
        }
    )*};
}

properties! {
    external_tags "external" external();
    internal_tags "internal" internal();
    adjacent_tags "adjacent" adjacent();
    no_tags "untagged" untagged();
    structs "fields" fields();
    units "unit" unit();
    recursion "tree" tree();
    newtypes "newtype" any::<u32>().prop_map(Newtype);
    transparent_ones "transparent" any::<u32>().prop_map(|inner| Transparent { inner: Newtype(inner) });
    tuples "tuple" (any::<u8>(), proptest::option::of(text()), any::<u8>()).prop_map(|(a, b, c)| Tuple(a, b, c));
    tuples_of_varying_length "varying" any::<(u8, Option<u8>, u8)>().prop_map(|(a, b, c)| Varying(a, b, c));
    units_structs "nothing" Just(Nothing);
    structs_without_fields "empty" Just(Empty {});
    structs_with_a_tag "tagged" any::<u8>().prop_map(|value| Tagged { value });
    flattened_structs "flattened" (any::<u8>(), notice(), proptest::option::of(text()), tagged_object()).prop_map(
        |(own, notice, link, variant)| Flattened { own, notice, perhaps: link.map(|href| Link { href }), variant },
    );
    flattened_maps "flattened-map" (text(), btree_map(text().prop_filter("its own", |key| key != "own"), any::<u8>(), 0..3))
        .prop_map(|(own, rest)| FlattenedMap { own, rest });
    flattened_enums "flattened-external" (any::<u8>(), prop_oneof![
        notice().prop_map(Flattable::Notice),
        text().prop_map(|to| Flattable::Link { to }),
    ]).prop_map(|(own, variant)| FlattenedExternal { own, variant });
    generic_enums "either" prop_oneof![notice().prop_map(Either::<Notice, Internal>::Left), internal().prop_map(Either::Right)];
    generic_structs "chat_pages" (vec(text(), 0..3), any::<u32>()).prop_map(|(texts, total)| Page {
        items: texts.into_iter().map(|text| ereo_contract::routes::chat::Line { text }).collect(),
        total,
    });
    given_or_not "settings" (any::<u8>(), text()).prop_map(|(volume, name)| Settings { volume, name });
    borrowed "borrowed" (text(), vec(any::<u8>(), 0..3), any::<u8>(), any::<bool>()).prop_map(|(kind, items, old, nested)| {
        #[allow(deprecated)]
        let inner = Borrowed::<u8, 2> { name: "a", items: vec![1, 2], r#type: "b".into(), below: None, old };
        #[allow(deprecated)]
        Borrowed { name: "c", items, r#type: kind.into(), below: nested.then(|| Box::new(inner)), old }
    });
    written_as_another "converted" any::<u8>().prop_map(Converted);
}

#[test]
fn what_sockets_send_is_the_whole() {
    let judge = Judge::of("talk");
    let mut runner = TestRunner::new(Config { cases: CASES, ..Config::default() });
    let outcome = runner.run(&internal(), |value| {
        let Payload::Text(text) = value.to_payload().unwrap() else { panic!("no text") };
        judge.accepts("sent", &serde_json::from_str(&text).unwrap())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// A schema that takes everything would have passed all of the above.
#[test]
fn what_is_not_sent_is_refused() {
    for (channel, name, wrong) in [
        ("external", "chat_line", json!({ "text": "a" })),
        ("external", "chat_line", json!({ "fromUser": 1 })),
        ("external", "pair", json!([1])),
        ("external", "pair", json!([1, "a", 2])),
        ("external", "user_left", json!({})),
        ("internal", "user_joined", json!({ "userId": "a", "seats": 1 })),
        ("internal", "line", json!({ "type": "line", "text": "a" })),
        ("internal", "message", json!({ "bare": "a" })),
        ("adjacent", "FIELDS", json!({ "a": 256, "b": null })),
        ("untagged", "message", json!([true])),
        ("tagged", "message", json!({ "value": 1 })),
        ("tagged", "message", json!({ "kind": "Tagged", "value": 1 })),
        ("flattened", "message", json!({ "own": 1, "text": "a", "weight": 1 })),
        ("flattened-map", "message", json!({ "own": "a", "rest": "b" })),
        ("tree", "message", json!({ "value": 1, "children": [{}], "next": null })),
        ("settings", "message", json!({ "name": "a" })),
        ("unit", "third_one", json!("third_one")),
    ] {
        let judged = Judge::of(channel).accepts(name, &wrong);
        assert!(judged.is_err(), "{channel} {name}: {wrong}");
    }
}

/// The other way a field with a default may be left out.
#[test]
fn what_is_taken_may_have_gaps() {
    let judge = Judge::of("talk");
    for (right, value) in
        [(true, json!({})), (true, json!({ "volume": 1 })), (false, json!({ "volume": "1" }))]
    {
        assert_eq!(judge.accepts("received", &value).is_ok(), right, "{value}");
        let read: Result<Settings, _> = serde_json::from_value(value);
        assert_eq!(read.is_ok(), right);
    }
}
