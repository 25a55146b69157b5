//! Who is who: a cookie that says it, signed, and good until its user is logged out.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::{Mutex, PoisonError};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorForbidden, ErrorUnauthorized};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest};
use ring::hmac;

const NAME: &str = "session";
const ADMINISTRATOR: &str = "root";

/// The key that cookies are signed with, and how often each user was logged out.
pub struct Sessions {
    key: hmac::Key,
    logouts: Mutex<HashMap<String, u64>>,
}

impl Sessions {
    /// With a key of this process: after a restart everybody logs in again.
    pub fn new() -> Self {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &ring::rand::SystemRandom::new());
        let key = key.expect("the system has random bytes");
        Self { key, logouts: Mutex::default() }
    }

    /// The header that sets a cookie for this user: `name.logouts.signature`.
    pub fn cookie(&self, user: &str) -> (header::HeaderName, String) {
        let claim = format!("{user}.{}", self.logouts(user));
        let signature = hex(hmac::sign(&self.key, claim.as_bytes()).as_ref());
        (header::SET_COOKIE, format!("{NAME}={claim}.{signature}; Path=/; HttpOnly; SameSite=Lax"))
    }

    /// No cookie that this user has is good any more.
    pub fn log_out(&self, user: &str) {
        *self.lock().entry(user.to_owned()).or_default() += 1;
    }

    fn user(&self, cookie: &str) -> Option<User> {
        let (claim, signature) = cookie.rsplit_once('.')?;
        hmac::verify(&self.key, claim.as_bytes(), &unhex(signature)?).ok()?;
        let (name, logouts) = claim.rsplit_once('.')?;
        let is_good = logouts.parse() == Ok(self.logouts(name));
        is_good.then(|| User { name: name.to_owned() })
    }

    fn logouts(&self, user: &str) -> u64 {
        self.lock().get(user).copied().unwrap_or_default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, u64>> {
        self.logouts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

/// Who has logged in: an argument of all routes that are not for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
}

impl User {
    pub fn of(request: &HttpRequest) -> Result<Self, Error> {
        let sessions = request.app_data::<Data<Sessions>>();
        let user = sessions.zip(cookie(request)).and_then(|(all, cookie)| all.user(cookie));
        user.ok_or_else(|| ErrorUnauthorized("log in first"))
    }
}

fn cookie(request: &HttpRequest) -> Option<&str> {
    let all = request.headers().get(header::COOKIE)?.to_str().ok()?;
    all.split("; ").find_map(|cookie| cookie.strip_prefix(NAME)?.strip_prefix('='))
}

impl FromRequest for User {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Lets administrators pass.
pub async fn administrators(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if User::of(request.request())?.name != ADMINISTRATOR {
        return Err(ErrorForbidden("for administrators"));
    }
    next.call(request).await
}
