//! What generated code names: one hidden door, no promise of stability.
//!
//! Where an expansion uses a type of the user's twice, both uses begin with the same call (`sse`,
//! `derived`), and only that call has bounds. A type that does not fit is then twice the same error,
//! which rustc shows once.

use std::future::Future;

use crate::message::{enum_event, json_frame, struct_event};
use crate::route::Handled;
use crate::sse::{IntoSse, serve_sse};

pub use core::primitive::str;
pub use std::boxed::Box;
pub use std::clone::Clone;
pub use std::convert::AsRef;
pub use std::option::Option;
pub use std::result::Result;
pub use std::string::String;

pub use actix_web::dev::Payload;
pub use actix_web::{Error, HttpRequest, HttpResponse};
pub use inventory;
pub use serde::Serialize;

pub use crate::loader::{
    Fallible, LoaderData, LoaderOptions, assert_same_parameters, live_position, load,
    load_fallible, loader_message, serve_loader,
};
pub use crate::message::{EncodeError, Frame, Message, Tagging};
pub use crate::route::{Kind, PathArgument, PathBuilder, RouteEntry, extract, param};
pub use crate::sse::{Event, SseOptions};

/// An `#[sse]` route's function, known to return what such a route can.
#[derive(Debug)]
pub struct SseHandler<F> {
    call: F,
    message: &'static str,
    serve: fn(F, HttpRequest, Payload, SseOptions) -> Handled,
}

/// Takes the generated `__call`.
pub fn sse<F, C, R, K>(call: F) -> SseHandler<F>
where
    F: Fn(HttpRequest, Payload) -> C + 'static,
    C: Future<Output = Result<R, Error>> + 'static,
    R: IntoSse<K> + 'static,
    K: 'static,
{
    SseHandler {
        call,
        message: std::any::type_name::<R::Message>(),
        serve: |call, req, payload, options| {
            Box::pin(serve_sse(call(req.clone(), payload), req, options))
        },
    }
}

impl<F> SseHandler<F> {
    /// The message's type, for `RouteInfo`.
    pub fn message(&self) -> &'static str {
        self.message
    }

    /// Answers a request.
    pub fn serve(self, req: HttpRequest, payload: Payload, options: SseOptions) -> Handled {
        (self.serve)(self.call, req, payload, options)
    }
}

/// A value of a type with `#[derive(Message)]`, known to serialize.
#[derive(Debug)]
pub struct Derived<'a, T: ?Sized> {
    value: &'a T,
    struct_event: fn(&T) -> Result<Event, EncodeError>,
    enum_event: fn(&T, Tagging) -> Result<Event, EncodeError>,
    frame: fn(&T) -> Result<Frame, EncodeError>,
}

/// A type that serde can write.
#[diagnostic::on_unimplemented(
    message = "`{Self}` derives `Message` but not `Serialize`",
    label = "this does not serialize",
    note = "a message is sent as serde writes it: `#[derive(Serialize, Message)]`"
)]
pub trait Serializes: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Serializes for T {}

/// Takes the message.
pub fn derived<T: Serializes + ?Sized>(value: &T) -> Derived<'_, T> {
    Derived { value, struct_event, enum_event, frame: json_frame }
}

impl<T: ?Sized> Derived<'_, T> {
    /// The event of a struct.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    pub fn struct_event(&self) -> Result<Event, EncodeError> {
        (self.struct_event)(self.value)
    }

    /// The event of an enum's variant.
    ///
    /// # Errors
    /// When the value cannot be serialized, or the variant's name has a line break.
    pub fn enum_event(&self, tagging: Tagging) -> Result<Event, EncodeError> {
        (self.enum_event)(self.value, tagging)
    }

    /// The frame.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    pub fn frame(&self) -> Result<Frame, EncodeError> {
        (self.frame)(self.value)
    }
}
