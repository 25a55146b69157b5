//! What names an event: its type, whatever its JSON looks like; and never as the library's own.

#![allow(non_camel_case_types, reason = "serde renames what others call so")]

use std::collections::BTreeMap;

use ereo_runtime::prelude::*;
use ereo_runtime::{EncodeError, Payload};
use serde::Serializer;
use serde_json::{Value, json};

fn event<T: Message>(message: &T) -> (Option<String>, Value) {
    let event = message.to_event().unwrap();
    let data = serde_json::from_str(event.data_str().unwrap()).unwrap();
    (event.event_str().map(Into::into), data)
}

/// What a socket is sent: serde's JSON of the whole.
fn frame<T: Message>(message: &T) -> Value {
    match message.to_payload().unwrap() {
        Payload::Text(text) => serde_json::from_str(&text).unwrap(),
        Payload::Binary(bytes) => panic!("{bytes:?}"),
    }
}

fn named(name: &str, data: Value) -> (Option<String>, Value) {
    (Some(name.to_owned()), data)
}

/// Enums of one shape under each of serde's rules, the rule put in by a macro as a library might.
macro_rules! rules {
    ($($name:ident $rule:literal;)*) => {$(
        #[derive(Clone, Serialize, Message)]
        #[serde(rename_all = $rule)]
        enum $name {
            UserLeft,
            HTTPServer2Up(u8),
            XÜnïcode3Ärger { a: u8 },
            snake_case_name(u8, u8),
            r#type,
            Straße,
            A,
            _Leading1,
            A日本,
        }

        impl $name {
            fn all() -> Vec<Self> {
                vec![
                    Self::UserLeft, Self::HTTPServer2Up(1), Self::XÜnïcode3Ärger { a: 1 },
                    Self::snake_case_name(1, 2), Self::r#type, Self::Straße, Self::A, Self::_Leading1,
                    Self::A日本,
                ]
            }
        }
    )*

        /// The event of each value, and what serde writes of it.
        fn of_every_rule() -> Vec<((Option<String>, Value), Value)> {
            let mut all = Vec::new();
            $(all.extend($name::all().iter().map(|it| (event(it), serde_json::to_value(it).unwrap())));)*
            all
        }
    };
}

rules! {
    Lower "lowercase";
    Upper "UPPERCASE";
    Pascal "PascalCase";
    Camel "camelCase";
    Snake "snake_case";
    ScreamingSnake "SCREAMING_SNAKE_CASE";
    Kebab "kebab-case";
    ScreamingKebab "SCREAMING-KEBAB-CASE";
}

#[test]
fn every_rule_is_serdes() {
    let all = of_every_rule();
    assert_eq!(all.len(), 8 * 9);
    for (event, written) in all {
        let expected = match written {
            Value::String(name) => (Some(name), Value::Null),
            Value::Object(members) => {
                let (name, content) = members.into_iter().next().unwrap();
                (Some(name), content)
            }
            other => panic!("{other}"),
        };
        assert_eq!(event, expected);
    }
}

/// What a visitor may send: any JSON.
fn shapes() -> Vec<Value> {
    vec![
        json!({ "text": "hi" }),
        json!({ "ereo.expired": {} }),
        json!({ "type": "ereo.reset" }),
        json!({ "type": "Plain", "a": 1 }),
        json!({ "t": "ereo.expired", "c": {} }),
        json!({ "Plain": {} }),
        json!("ereo.expired"),
        json!("Plain"),
        json!(null),
        json!([]),
    ]
}

#[derive(Clone, Serialize, Message)]
enum External {
    Plain(Value),
    #[serde(untagged)]
    Raw(Value),
    #[serde(untagged)]
    Nested(Box<External>),
    #[serde(untagged)]
    Fields {
        ereo: u8,
    },
}

macro_rules! with_tag {
    ($tag:literal) => {
        #[derive(Clone, Serialize, Message)]
        #[serde(tag = $tag)]
        enum Internal {
            Plain {
                #[serde(flatten)]
                rest: BTreeMap<String, Value>,
            },
            Map(BTreeMap<String, Value>),
            Inner(External),
            #[serde(untagged)]
            Raw(Value),
        }
    };
}

#[derive(Clone, Serialize, Deserialize, Message)]
#[serde(tag = "type")]
enum Other {
    #[serde(other)]
    Else,
}

with_tag!("type");

#[derive(Clone, Serialize, Message)]
#[serde(tag = "t", content = "c", rename_all(serialize = "kebab-case"))]
enum Adjacent {
    SaidSo(Value),
    Nothing,
    #[serde(untagged)]
    Raw(Value),
}

#[test]
fn what_is_untagged_has_no_name_whatever_it_holds() {
    for shape in shapes() {
        for (event, written) in [
            (event(&External::Raw(shape.clone())), frame(&External::Raw(shape.clone()))),
            (event(&Internal::Raw(shape.clone())), frame(&Internal::Raw(shape.clone()))),
            (event(&Adjacent::Raw(shape.clone())), frame(&Adjacent::Raw(shape.clone()))),
            (event(&shape), frame(&shape)),
        ] {
            assert_eq!((&event, &written), (&(None, shape.clone()), &shape));
        }
        let nested = External::Nested(Box::new(External::Plain(shape.clone())));
        assert_eq!(event(&nested), (None, json!({ "Plain": shape })));
    }
    assert_eq!(event(&External::Fields { ereo: 1 }), (None, json!({ "ereo": 1 })));
}

#[test]
fn what_is_tagged_has_its_variants_name_whatever_it_holds() {
    for shape in shapes() {
        let external = External::Plain(shape.clone());
        assert_eq!(event(&external), named("Plain", shape.clone()));
        assert_eq!(frame(&external), json!({ "Plain": shape }));
        let adjacent = Adjacent::SaidSo(shape.clone());
        assert_eq!(event(&adjacent), named("said-so", shape.clone()));
        assert_eq!(frame(&adjacent), json!({ "t": "said-so", "c": shape }));
        let Value::Object(members) = shape else { continue };
        let members: BTreeMap<String, Value> = members.into_iter().collect();
        for (name, internal) in
            [("Plain", Internal::Plain { rest: members.clone() }), ("Map", Internal::Map(members))]
        {
            assert_eq!(event(&internal).0.as_deref(), Some(name));
        }
    }
    assert_eq!(event(&Adjacent::Nothing), named("nothing", Value::Null));
    assert_eq!(event(&Other::Else), named("Else", json!({ "type": "Else" })));
    let inner = event(&Internal::Inner(External::Plain(json!(1))));
    assert_eq!(inner, named("Inner", json!({ "type": "Inner", "Plain": 1 })));
}

#[derive(Clone, Serialize, Message)]
#[serde(transparent)]
struct Transparent(External);

#[derive(Clone, Serialize)]
struct Wire {
    text: &'static str,
}

#[derive(Clone, Serialize, Message)]
#[serde(into = "Wire")]
struct AsWire;

impl From<AsWire> for Wire {
    fn from(AsWire: AsWire) -> Self {
        Self { text: "hi" }
    }
}

#[test]
fn a_struct_has_no_name_however_it_is_written() {
    let whole = (None, json!({ "Plain": 1 }));
    assert_eq!(event(&Transparent(External::Plain(json!(1)))), whole);
    assert_eq!(event(&AsWire), (None, json!({ "text": "hi" })));
}

#[derive(Clone, Serialize, Message)]
enum With {
    #[serde(serialize_with = "as_name")]
    Written(u8),
    #[serde(skip)]
    Never,
}

fn as_name<S: Serializer>(_: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("ereo.expired", 1)])
}

#[test]
fn serdes_other_attributes_count() {
    assert_eq!(event(&With::Written(1)), named("Written", json!({ "ereo.expired": 1 })));
    assert!(matches!(With::Never.to_event(), Err(EncodeError::Serialize(_))));
}

/// Writes itself by hand, as it was told.
#[derive(Clone, Message)]
enum ByHand {
    Text(&'static str),
    Map(Value),
    Variant(&'static str),
}

impl Serialize for ByHand {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Map(map) => map.serialize(serializer),
            Self::Variant(name) => serializer.serialize_newtype_variant("ByHand", 0, name, &1),
        }
    }
}

#[test]
fn what_is_written_by_hand_is_named_by_a_variant_only() {
    assert_eq!(event(&ByHand::Text("left")), (None, json!("left")));
    for shape in shapes() {
        assert_eq!(event(&ByHand::Map(shape.clone())), (None, shape));
    }
    assert_eq!(event(&ByHand::Variant("left")), named("left", json!(1)));
    for reserved in ["ereo.", "ereo.reset", "ereo.of_tomorrow"] {
        let refused = ByHand::Variant(reserved).to_event().unwrap_err();
        assert!(matches!(refused, EncodeError::Field(_)), "{refused}");
        assert!(refused.to_string().contains("must not begin with `ereo.`"), "{refused}");
        let set = ClientSet::<ByHand>::new();
        let _reader = set.subscribe(LastEventId::none());
        assert!(set.broadcast(&ByHand::Variant(reserved)).is_err());
        assert_eq!(set.position().offset(), 0);
    }
}

#[test]
fn no_event_is_named_as_the_librarys_own() {
    for reserved in ["ereo.", "ereo.reset", "ereo.expired", "ereo.end", "ereo.x"] {
        let error = Event::new("").event(reserved).unwrap_err();
        assert_eq!((error.field, error.found), ("event", "ereo."));
        let error = Event::new("").id(reserved).unwrap_err();
        assert_eq!((error.field, error.found), ("id", "ereo."));
        let told =
            "the `id` of an event must not begin with `ereo.`: that is how the library's own begin";
        assert_eq!(error.to_string(), told);
    }
    for free in ["ereo", "ereonews", "my.ereo.reset", "Ereo.reset", " ereo.reset", ""] {
        assert!(Event::new("").event(free).is_ok(), "{free}");
    }
    let error = Event::new("").event("ereo.\n").unwrap_err();
    assert_eq!(error.found, "a line feed");
}
