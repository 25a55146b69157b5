//! What both kinds have in common: where they are, whose they are, and when they are tried again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use url::Url;

use super::news::{Error, Lost};
use super::target::Headers;
use super::transport::Client;
use crate::backoff::Backoff;
use crate::heartbeat::ASKED;

/// Why credentials are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Asked {
    /// None are there yet.
    First,
    /// Those that were there have ended, or were refused.
    Expired,
}

pub(super) type Credentials =
    Arc<dyn Fn(Asked) -> BoxFuture<'static, Result<String, String>> + Send + Sync>;

pub(super) struct Link {
    client: Client,
    url: Url,
    pub(super) headers: Headers,
    pub(super) credentials: Option<Credentials>,
    pub(super) backoff: Backoff,
    pub(super) largest: usize,
    /// The last event id; empty where there was none.
    pub(super) id: String,
    /// What the stream has said of its reconnection time.
    pub(super) retry: Option<Duration>,
    attempts: u32,
    token: Option<HeaderValue>,
    asked: Asked,
}

/// Why there is no connection.
pub(super) enum Failure {
    /// Again, not before this time is over.
    Again(Lost, Duration),
    End(Error),
    Finished,
}

/// One attempt at a connection, by itself.
pub(super) struct Attempt {
    pub(super) client: Client,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    credentials: Option<Credentials>,
    pub(super) token: Option<HeaderValue>,
    asked: Asked,
    fresh: bool,
}

impl Link {
    pub(super) fn new(client: Client, mut url: Url, largest: usize) -> Self {
        // Asks for heartbeats at times that it is told.
        let query = url.query().map_or_else(|| ASKED.to_owned(), |it| format!("{it}&{ASKED}"));
        url.set_query(Some(&query));
        url.set_fragment(None);
        Self {
            client,
            url,
            headers: HeaderMap::new(),
            credentials: None,
            backoff: Backoff::default(),
            largest,
            id: String::new(),
            retry: None,
            attempts: 0,
            token: None,
            asked: Asked::First,
        }
    }

    pub(super) fn attempt(&self) -> Attempt {
        let mut headers = self.headers.clone();
        if let Ok(id) = HeaderValue::try_from(&self.id)
            && !id.is_empty()
        {
            headers.insert("last-event-id", id);
        }
        // For requests both speak HTTP.
        let http = self.url.as_str().replacen("ws", "http", usize::from(self.is_socket()));
        Attempt {
            client: self.client.clone(),
            uri: http.parse().unwrap_or_default(),
            headers,
            credentials: self.credentials.clone(),
            token: self.token.clone(),
            asked: self.asked,
            fresh: false,
        }
    }

    fn is_socket(&self) -> bool {
        self.url.scheme().starts_with("ws")
    }

    /// The connection is there, with these credentials.
    pub(super) fn opened(&mut self, token: Option<HeaderValue>) {
        self.token = token;
        self.attempts = 0;
    }

    /// The credentials that were there are good for nothing.
    pub(super) fn expired(&mut self) -> Result<(), Error> {
        self.token = None;
        self.asked = Asked::Expired;
        self.credentials.as_ref().map(|_| ()).ok_or(Error::Expired)
    }

    /// How long to wait before the next attempt, which is not made before `ahead` is over.
    pub(super) fn delay(&mut self, ahead: Duration) -> Duration {
        let base = self.retry.unwrap_or(self.backoff.base);
        let backoff = Backoff { base, max: self.backoff.max.max(base), ..self.backoff };
        let delay = backoff.delay(self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        ahead.saturating_add(delay)
    }

    /// How long to wait at least where a connection has ended that was there.
    pub(super) fn said(&self) -> Duration {
        self.retry.unwrap_or_default()
    }
}

impl Attempt {
    /// Asks for credentials, if there are to be some and are none.
    pub(super) async fn authorize(&mut self) -> Result<(), Failure> {
        if let (None, Some(ask)) = (&self.token, &self.credentials) {
            let none = |error| Failure::Again(Lost::NoCredentials(error), Duration::ZERO);
            let token = ask(self.asked).await.map_err(none)?;
            let invalid = |_| none("they cannot be sent as a header".to_owned());
            let mut token = HeaderValue::try_from(token).map_err(invalid)?;
            token.set_sensitive(true);
            self.token = Some(token);
            self.fresh = true;
        }
        if let Some(token) = &self.token {
            self.headers.insert(AUTHORIZATION, token.clone());
        }
        Ok(())
    }

    /// What an answer means that is no success.
    pub(super) fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Failure {
        let status = status.as_u16();
        let text = |name| headers.get(name).and_then(|it: &HeaderValue| it.to_str().ok());
        match status {
            204 => Failure::Finished,
            // What is refused is not what was asked for because of it.
            401 if self.credentials.is_some() && !self.fresh => {
                Failure::Again(Lost::Expired, Duration::ZERO)
            }
            200..300 => {
                Failure::End(Error::NotAStream(text(CONTENT_TYPE).unwrap_or("nothing").to_owned()))
            }
            408 | 425 | 429 | 500.. => {
                let after = text(RETRY_AFTER).and_then(|it| it.parse().ok()).unwrap_or_default();
                Failure::Again(Lost::Status(status), Duration::from_secs(after))
            }
            _ => {
                let location = text(LOCATION).map(str::to_owned);
                Failure::End(Error::Refused { status, location })
            }
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("url", &self.url.as_str()).field("id", &self.id).finish()
    }
}
