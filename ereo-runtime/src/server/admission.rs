//! Admits a client: not while the server drains, and not over its limits.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};

use super::lifeline::{Connected, Lifeline};
use super::limits::{Over, Permit};
use super::observe::{self, ConnectionKind};
use super::open_stream::OpenStream;
use crate::broadcast::{BroadcastError, RoomFull};
use crate::message::RoomRefused;

/// Why a client is not taken; its HTTP answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAdmitted {
    /// 503: this server stops, another or its successor will serve.
    #[error("the server is stopping")]
    Draining {
        /// Seconds after which to come back.
        retry_after: u64,
    },
    /// 503: as many clients are here as this server takes.
    #[error("too many connections")]
    Connections,
    /// 429: as many of this address are here as this server takes.
    #[error("too many connections of your address")]
    Address,
}

/// Seconds after which one who found the server, or a room, full may try again.
const FULL_RETRY_AFTER: u64 = 10;

impl NotAdmitted {
    /// In seconds.
    fn retry_after(self) -> u64 {
        match self {
            Self::Draining { retry_after } => retry_after,
            Self::Connections | Self::Address => FULL_RETRY_AFTER,
        }
    }

    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Draining { .. } => "draining",
            Self::Connections => "connections",
            Self::Address => "address",
        }
    }
}

impl ResponseError for NotAdmitted {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Draining { .. } | Self::Connections => StatusCode::SERVICE_UNAVAILABLE,
            Self::Address => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn error_response(&self) -> HttpResponse {
        not_now(self.status_code(), self.retry_after(), self.to_string())
    }
}

impl ResponseError for RoomFull {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn error_response(&self) -> HttpResponse {
        not_now(self.status_code(), FULL_RETRY_AFTER, self.to_string())
    }
}

/// As what kept the message from being taken is answered; 503 where it is the store.
impl ResponseError for BroadcastError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Encode(error) => error.status_code(),
            Self::Full { .. } | Self::Down => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Encode(error) => error.error_response(),
            Self::Full { .. } | Self::Down => {
                not_now(self.status_code(), FULL_RETRY_AFTER, self.to_string())
            }
        }
    }
}

impl ResponseError for RoomRefused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::TooMany => StatusCode::SERVICE_UNAVAILABLE,
            Self::NameTooLong => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::TooMany => not_now(self.status_code(), FULL_RETRY_AFTER, self.to_string()),
            Self::NameTooLong => HttpResponse::build(self.status_code())
                .content_type("text/plain; charset=utf-8")
                .body(self.to_string()),
        }
    }
}

fn not_now(status: StatusCode, retry_after: u64, why: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::RETRY_AFTER, retry_after.to_string()))
        .content_type("text/plain; charset=utf-8")
        .body(why)
}

/// Takes one more client.
pub(crate) fn admit(req: &HttpRequest, kind: ConnectionKind) -> Result<OpenStream, NotAdmitted> {
    let lifeline = Lifeline::of(req);
    let admitted = match lifeline {
        None => Ok(None),
        Some(lifeline) if lifeline.draining.is_cancelled() => {
            Err(NotAdmitted::Draining { retry_after: lifeline.spread.as_secs().max(1) })
        }
        Some(lifeline) => match Permit::new(lifeline, req) {
            Ok(permit) => Ok(Some(permit)),
            Err(Over::Connections) => Err(NotAdmitted::Connections),
            Err(Over::Address) => Err(NotAdmitted::Address),
        },
    };
    match admitted {
        Ok(permit) => {
            if let Some(connected) = req.conn_data::<Connected>() {
                connected.carries(req.version());
            }
            Ok(OpenStream::new(req, kind, permit))
        }
        Err(refusal) => {
            observe::refused(req, kind, refusal.reason());
            Err(refusal)
        }
    }
}
