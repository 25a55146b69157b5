//! Tells middlewares whether they may compress an event stream.
//!
//! actix's `Compress` compresses the bytes that all clients share anew for each of them, and there is one way
//! only to keep it from that: a `content-encoding`, which says nothing where it is not at work (RFC 9110
//! section 8.4 advises against `identity`). So it is sent where `Compress` is compiled in, and the client
//! accepts what it would do.
//!
//! It cannot be known whether it stands around the route. By actix-web 4.18 and actix-http 3.20:
//!
//! - `Compress` reads `accept-encoding` before it calls what it wraps, and decides by the response's head
//!   alone: by `content-encoding`, by the statuses 101, 204 and 206, and by the content types of images and
//!   videos. A body of no length it drops, whatever else it says.
//! - Behind it nobody has the head. The dispatcher writes all of it but `connection` and a length; a map of
//!   headers drops a name with its last value, so that none can be there and not be written.
//! - It asks a body's size before the dispatcher does. But by then the head is said: a body that counts
//!   could only teach the next response, and one that is wrong sends bare events where gzip is promised.

use std::any::TypeId;

use actix_web::http::header::{AcceptEncoding, Encoding, Preference, Quality};
use actix_web::{HttpMessage as _, HttpRequest};

/// Stands in for actix's own, where actix-web was built without it.
enum Compress {}

/// Whether `Compress`, if it stands around the route, would compress the answer.
pub(super) fn may_compress(req: &HttpRequest) -> bool {
    is_compiled() && accepts_more_than_identity(req)
}

fn is_compiled() -> bool {
    // What a block imports goes before what stands around it.
    #[allow(unused_imports, reason = "there may be no `Compress` in it")]
    use actix_web::middleware::*;
    TypeId::of::<Compress>() != TypeId::of::<self::Compress>()
}

fn accepts_more_than_identity(req: &HttpRequest) -> bool {
    let identity = Preference::Specific(Encoding::identity());
    let accepted = |accepted: AcceptEncoding| {
        accepted.iter().any(|it| it.quality > Quality::ZERO && it.item != identity)
    };
    req.get_header::<AcceptEncoding>().is_some_and(accepted)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_asks_for_no_coding_is_left_alone() {
        for (accepted, may) in [
            ("gzip", true),
            ("identity, br;q=0.1", true),
            ("*", true),
            ("identity", false),
            ("gzip;q=0, identity", false),
            ("", false),
        ] {
            let req = TestRequest::get().insert_header((header::ACCEPT_ENCODING, accepted));
            assert_eq!(may_compress(&req.to_http_request()), may, "{accepted}");
        }
        assert!(!may_compress(&TestRequest::get().to_http_request()));
        assert!(is_compiled(), "the tests are built with it");
    }
}
