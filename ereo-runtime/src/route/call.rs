//! Calls an annotated function for a request: its arguments are taken, then it runs.
//!
//! All of it stands here and not in the expansions, which are type-checked anew for every route: an
//! `.await` in one costs rustc more than all the rest of it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::{Error, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;

use super::argument::{Argument, Extractor, HoldingExtractor, Parameter};

/// A call under way: what the function gave, or why an argument could not be taken.
#[must_use]
pub struct Call<R>(LocalBoxFuture<'static, Result<R, Error>>);

/// A request under way.
pub type Handled = Call<HttpResponse>;

/// What generated code makes of a function: it takes the arguments from the request, and calls it.
pub type Callable<R> = fn(Incoming) -> Call<R>;

/// What the arguments are taken from.
pub struct Incoming {
    request: HttpRequest,
    payload: Payload,
}

impl Incoming {
    pub(crate) fn new(request: &HttpRequest, payload: Payload) -> Self {
        Self { request: request.clone(), payload }
    }

    /// A request without a body: it is called by `GET`, or the body is no body.
    pub(crate) fn bodyless(request: &HttpRequest) -> Self {
        Self::new(request, Payload::None)
    }

    /// The path parameter `name`.
    pub fn param<T: Parameter>(&self, name: &'static str) -> Argument<T> {
        let segment = self.request.match_info().get(name).unwrap_or_default();
        Argument::Known(T::from_segment(name, segment))
    }

    /// An extractor of what it holds.
    pub fn held<T: HoldingExtractor>(&mut self) -> Argument<T> {
        self.extract()
    }

    /// An extractor, made from the request.
    pub fn extract<T: Extractor>(&mut self) -> Argument<T> {
        T::extract(&self.request, &mut self.payload)
    }
}

impl<R> Call<R> {
    pub(crate) fn new(future: impl Future<Output = Result<R, Error>> + 'static) -> Self {
        Self(Box::pin(future))
    }
}

impl<R> Future for Call<R> {
    type Output = Result<R, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<R> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}
