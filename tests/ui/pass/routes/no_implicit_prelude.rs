//! Nothing is imported by itself, and all that generated code means is called otherwise here.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

mod core {}
mod std {}
mod serde {}
mod actix_web {}
mod ereo_runtime {}
struct Option;
struct Result;
struct String;
struct Vec;
struct Box;
struct Some;
struct None;
struct Ok;
struct Err;
trait Default {}
trait Clone {}
trait Into {}
trait From {}
trait AsRef {}
trait Sized {}
trait Send {}
trait Future {}
trait Serialize {}
trait Deserialize {}
trait Message {}

/// Sent and received.
#[derive(::ereo_runtime::prelude::Serialize, ::ereo_runtime::prelude::Deserialize, ::ereo_runtime::Message)]
#[derive(::std::clone::Clone, ::std::default::Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Plain {
    number: u8,
    text: ::std::string::String,
    #[serde(default, skip_serializing_if = "::std::option::Option::is_none")]
    note: ::std::option::Option<::std::string::String>,
}

/// Named.
#[derive(::ereo_runtime::prelude::Serialize, ::ereo_runtime::prelude::Deserialize, ::ereo_runtime::Message)]
#[derive(::std::clone::Clone)]
pub enum Feed<T> {
    /// One.
    Plain(Plain),
    /// Two.
    Pair(T, u8),
    /// The rest.
    #[serde(untagged)]
    Rest(T),
}

/// A stream.
#[::ereo_runtime::sse("/stream/{room}", retry = "2s", heartbeat = "off", on_lag = "keep-latest", group = "a")]
pub async fn stream(
    room: ::std::string::String,
    set: ::ereo_runtime::prelude::Data<::ereo_runtime::ClientSet<Plain>>,
    last: ::ereo_runtime::LastEventId,
) -> ::ereo_runtime::Subscription<Plain> {
    set.room(room).subscribe(last)
}

/// Data.
#[::ereo_runtime::loader("/data/{room}", live = stream, cache = "60s")]
pub async fn data(room: ::std::string::String) -> ::std::result::Result<Plain, ::actix_web::Error> {
    ::std::mem::drop(room);
    ::std::result::Result::Ok(::std::default::Default::default())
}

/// A socket.
#[::ereo_runtime::websocket("/socket", origins = ["self"], protocols = ["a"], ping = "1s", compression = "off")]
pub async fn socket(socket: ::ereo_runtime::Socket<Plain, Feed<u8>>) -> ::std::result::Result<(), ::ereo_runtime::SocketError> {
    socket.send(&Feed::Pair(1, 2)).await
}

/// Hooks.
pub struct Hooks;

#[::ereo_runtime::websocket("/hooks")]
impl Hooks {
    async fn open() -> Self {
        Self
    }

    async fn message(&mut self, _message: Plain) {}

    async fn unreadable(&mut self, _message: ::ereo_runtime::Unreadable) {}

    async fn refresh(&mut self) -> ::std::option::Option<::ereo_runtime::Expiry> {
        ::std::option::Option::None
    }

    async fn close(self, _reason: ::ereo_runtime::CloseReason) {}
}

fn main() {
    ::std::assert_eq!(stream::path("a"), "/stream/a");
    ::std::assert_eq!((data::ROUTE, socket::ROUTE, Hooks::ROUTE), ("/data/{room}", "/socket", "/hooks"));
}
