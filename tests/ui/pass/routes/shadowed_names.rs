//! A crate whose own names are those that generated code means otherwise.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

#![allow(dead_code, non_camel_case_types)]

mod core {}
mod std {}
mod ereo_runtime {}
struct Option;
struct Result;
struct String;
struct Some;
struct Ok;
type str = u8;
type bool = u8;

mod inner {
    #[::ereo_runtime::loader("/shadowed")]
    pub(crate) async fn data() -> u8 {
        1
    }
}

fn main() {
    let _ = inner::data::ROUTE;
}
