//! What an address leads to: a server, or Sentinels that know of one.

use std::fmt;

use percent_encoding::percent_decode_str;
use redis::{Client, ConnectionAddr, ConnectionInfo, RedisConnectionInfo};

use super::ConnectError;
use super::sentinel::Sentinels;
use super::server::Unfit;

/// Where Sentinels listen, if their address does not say.
const SENTINEL_PORT: u16 = 26379;

pub(super) enum Address {
    Server(Client),
    Sentinels(Sentinels),
}

/// What is wrong with an address, without any of it: it may have a password.
fn wrong(reason: impl ToString) -> ConnectError {
    ConnectError::Url { reason: reason.to_string() }
}

impl Address {
    pub(super) fn of(url: &str) -> Result<Self, ConnectError> {
        for (scheme, plain) in [("redis-sentinel://", "redis"), ("rediss-sentinel://", "rediss")] {
            if let Some(rest) = url.strip_prefix(scheme) {
                return Ok(Self::Sentinels(sentinels(plain, rest)?));
            }
        }
        Ok(Self::Server(Client::open(url).map_err(wrong)?))
    }

    /// The server that takes writes, as far as that is known.
    pub(super) async fn client(&self) -> Result<Client, Unfit> {
        match self {
            Self::Server(client) => Ok(client.clone()),
            Self::Sentinels(sentinels) => sentinels.primary().await,
        }
    }

    fn info(&self) -> &ConnectionInfo {
        match self {
            Self::Server(client) => client.get_connection_info(),
            Self::Sentinels(sentinels) => sentinels.server(),
        }
    }

    pub(super) fn database(&self) -> i64 {
        self.info().redis_settings().db()
    }

    pub(super) fn is_tls(&self) -> bool {
        matches!(self.info().addr(), ConnectionAddr::TcpTls { .. })
    }
}

/// `[user:password@]host[:port],..[/database][?sentinel_user=..&sentinel_pass=..]#name`.
fn sentinels(scheme: &str, rest: &str) -> Result<Sentinels, ConnectError> {
    let named = rest.split_once('#').filter(|(_, name)| !name.is_empty());
    let (rest, name) = named.ok_or_else(|| {
        wrong("the name that the Sentinels know the servers by is missing: it stands behind `#`")
    })?;
    let name = percent_decode_str(name).decode_utf8().map_err(wrong)?.into_owned();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut credentials = RedisConnectionInfo::default();
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        credentials = match &*key {
            "sentinel_user" => credentials.set_username(value),
            "sentinel_pass" => credentials.set_password(value),
            _ => return Err(wrong("there is `sentinel_user`, `sentinel_pass` and nothing else")),
        };
    }
    let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));
    let info = |user: &str, at: &str, path: &str| {
        let at = format!("{scheme}://{user}{at}{path}");
        Ok(Client::open(at).map_err(wrong)?.get_connection_info().clone())
    };
    let places = hosts.split(',').map(|host| {
        let at = url::Url::parse(&format!("{scheme}://{host}")).map_err(wrong)?;
        let at = match at.port() {
            Some(_) => host.to_owned(),
            None => format!("{host}:{SENTINEL_PORT}"),
        };
        Ok(info("", &at, "")?.addr().clone())
    });
    let places = places.collect::<Result<Vec<_>, _>>()?;
    let user = if user.is_empty() { String::new() } else { format!("{user}@") };
    let server = info(&user, "any", &format!("/{database}"))?;
    Sentinels::new(places, &credentials, name, server).map_err(wrong)
}

/// Without what lets anybody in.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(client) => client.get_connection_info().addr().fmt(f),
            Self::Sentinels(sentinels) => sentinels.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_sentinels_is_taken_apart() {
        let all = "redis-sentinel://me:p%40ss@a,b:1,[::1]/3?sentinel_pass=other#my%20group";
        let address = Address::of(all).unwrap();
        let settings = address.info().redis_settings();
        assert_eq!((settings.username(), settings.password()), (Some("me"), Some("p@ss")));
        assert_eq!((address.database(), address.is_tls()), (3, false));
        let said = address.to_string();
        assert_eq!(said, "a:26379,b:1,::1:26379, `my group` of these Sentinels");
        let least = Address::of("rediss-sentinel://a#group").unwrap();
        assert_eq!((least.database(), least.is_tls()), (0, true));
        for none in ["a", "a#", "#group", "a,#group", "a:x#group", "a/x#group", "a?x=y#group"] {
            let wrong = Address::of(&format!("redis-sentinel://{none}"));
            assert!(matches!(wrong, Err(ConnectError::Url { .. })), "{none}");
        }
    }
}
