//! What a route's arguments take of their connection and its server: [`ConnectionHandle`] and [`Everywhere`] as
//! extractors.

use std::any::type_name;
use std::cell::OnceCell;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest};

use super::lifeline::Lifeline;
use crate::broadcast::{ConnectionHandle, Everywhere, Leash};
use crate::sync::Arc;

/// In the extensions of a request while the arguments of its route are extracted, and no longer: a handler may
/// keep the request.
enum Offered {
    /// The leash is made for who asks.
    Stream(OnceCell<Arc<Leash>>),
    Socket(ConnectionHandle),
}

/// Offers the handle of an event stream as long as it lives.
pub(crate) struct Offer(HttpRequest);

impl Offer {
    /// Of the stream that answers the request.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        req.extensions_mut().insert(Offered::Stream(OnceCell::new()));
        Self(req.clone())
    }

    /// By what the stream is told to end, if a handle was taken.
    pub(crate) fn taken(self) -> Option<Arc<Leash>> {
        take(&self.0)
    }
}

impl Drop for Offer {
    /// There is no stream for a handle that was taken.
    fn drop(&mut self) {
        if let Some(leash) = take(&self.0) {
            leash.is_over();
        }
    }
}

fn take(req: &HttpRequest) -> Option<Arc<Leash>> {
    let offered = req.extensions_mut().remove::<Offered>();
    offered.and_then(|offered| match offered {
        Offered::Stream(leash) => leash.into_inner(),
        Offered::Socket(_) => None,
    })
}

/// Offers the handle of a socket, until [`withdraw`].
pub(crate) fn offer_socket(req: &HttpRequest, handle: ConnectionHandle) {
    req.extensions_mut().insert(Offered::Socket(handle));
}

/// The arguments are extracted.
pub(crate) fn withdraw(req: &HttpRequest) {
    drop(take(req));
}

impl FromRequest for ConnectionHandle {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let handle = req.extensions().get::<Offered>().map(|offered| match offered {
            Offered::Stream(leash) => leash.get_or_init(Leash::new).handle(),
            Offered::Socket(handle) => handle.clone(),
        });
        if let (Some(handle), Some(lifeline)) = (&handle, Lifeline::of(req)) {
            lifeline.everywhere.holds(handle);
        }
        ready(handle.ok_or_else(|| {
            missing::<Self>(
                req,
                "this route has no connection that lasts, but its handler takes one",
            )
        }))
    }
}

impl FromRequest for Everywhere {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let everywhere = Lifeline::of(req).map(|lifeline| lifeline.everywhere.clone());
        ready(everywhere.ok_or_else(|| {
            missing::<Self>(
                req,
                "this server is not `.realtime(..)`, and a handler needs that it is",
            )
        }))
    }
}

fn missing<T>(req: &HttpRequest, why: &'static str) -> Error {
    let argument = type_name::<T>();
    tracing::error!(argument, path = req.path(), why, "an argument cannot be taken here");
    ErrorInternalServerError(why)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[actix_web::test]
    async fn where_there_is_none_it_is_an_internal_error() {
        let req = TestRequest::get().to_http_request();
        let errors = [
            ConnectionHandle::extract(&req).await.map(drop).unwrap_err(),
            Everywhere::extract(&req).await.map(drop).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.as_response_error().status_code(), 500);
        }
    }

    #[actix_web::test]
    async fn a_handle_that_was_taken_in_vain_is_closed() {
        let req = TestRequest::get().to_http_request();
        let offer = Offer::of(&req);
        let (one, same) =
            (ConnectionHandle::extract(&req).await.unwrap(), ConnectionHandle::extract(&req).await);
        assert_eq!(one.id(), same.unwrap().id());
        assert!(one.is_open());
        drop(offer);
        assert!(!one.is_open());
        assert!(ConnectionHandle::extract(&req).await.is_err());
    }
}
