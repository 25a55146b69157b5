//! Generic messages, with bounds, lifetimes and constants.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use std::borrow::Cow;

use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
struct Page<T: Clone> {
    items: Vec<T>,
    next: Option<u32>,
}

#[derive(Serialize, Message)]
struct Borrowed<'a> {
    text: Cow<'a, str>,
}

#[derive(Serialize, Message)]
enum Either<A, B>
where
    A: Copy,
{
    Left(A),
    Right(B),
}

fn main() {
    let page = Page { items: vec![1], next: None };
    let _set: ClientSet<Page<u8>> = ClientSet::new();
    assert_eq!(page.clone().to_event().expect("it serializes").data_str(), Some(r#"{"items":[1],"next":null}"#));
    assert!(Borrowed { text: "a".into() }.to_payload().is_ok());
    assert!(Either::<u8, u8>::Left(1).to_event().is_ok() && Either::<u8, u8>::Right(1).to_event().is_ok());
}
