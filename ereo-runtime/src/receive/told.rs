//! News of the library's own, in events whose names begin with `ereo.`.

use serde::Deserialize;

use crate::broadcast::ResetReason;

/// An event of the library's own. One that this version does not know says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Told {
    /// Messages are missing: what was built from them is to be loaded anew.
    Reset {
        /// Why.
        reason: ResetReason,
        /// How many, where the server knows.
        missed: Option<u64>,
    },
    /// The stream lives, and says so every so many milliseconds; 0 where no more will come.
    Heartbeat(u64),
    /// The credentials have ended.
    Expired,
    /// The server has ended this connection.
    Closed {
        /// The code that a socket would have been closed with.
        code: u16,
        /// In words, for people.
        reason: String,
        /// Whether coming back is in vain.
        last: bool,
    },
    /// The stream is finished.
    End,
    /// One of a later version.
    Unknown,
}

impl Told {
    /// What the event of this name says; none of an event that is the application's.
    pub fn of(name: Option<&str>, data: &str) -> Option<Self> {
        let name = name?.strip_prefix("ereo.")?;
        Some(match name {
            "reset" => {
                let Reset { reason, missed } = serde_json::from_str(data).unwrap_or_default();
                Self::Reset { reason: self::reason(&reason), missed }
            }
            "heartbeat" => Self::Heartbeat(data.parse().unwrap_or_default()),
            "expired" => Self::Expired,
            "closed" => {
                let Closed { code, reason, last } = serde_json::from_str(data).unwrap_or_default();
                Self::Closed { code, reason, last }
            }
            "end" => Self::End,
            _ => Self::Unknown,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reset {
    reason: String,
    missed: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Closed {
    code: u16,
    reason: String,
    #[serde(rename = "final")]
    last: bool,
}

/// One of a later version is, whatever it may be, that of a position which is worth nothing any more.
fn reason(text: &str) -> ResetReason {
    let known = [ResetReason::Expired, ResetReason::Lagged, ResetReason::Unreadable];
    known.into_iter().find(|reason| reason.as_str() == text).unwrap_or(ResetReason::Epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_librarys_own_events_are_told_apart() {
        let of = |name, data| Told::of(Some(name), data);
        let reset = |reason, missed| Some(Told::Reset { reason, missed });
        let data = r#"{"reason":"lagged","missed":7}"#;
        assert_eq!(of("ereo.reset", data), reset(ResetReason::Lagged, Some(7)));
        let data = r#"{"reason":"expired","missed":null}"#;
        assert_eq!(of("ereo.reset", data), reset(ResetReason::Expired, None));
        for data in [r#"{"reason":"later"}"#, "no JSON", ""] {
            assert_eq!(of("ereo.reset", data), reset(ResetReason::Epoch, None), "{data}");
        }
        assert_eq!(of("ereo.heartbeat", "15000"), Some(Told::Heartbeat(15_000)));
        assert_eq!(of("ereo.expired", "{}"), Some(Told::Expired));
        assert_eq!(of("ereo.end", "{}"), Some(Told::End));
        let data = r#"{"code":4001,"reason":"logged out","final":true}"#;
        let closed = Told::Closed { code: 4001, reason: "logged out".into(), last: true };
        assert_eq!(of("ereo.closed", data), Some(closed));
        assert_eq!(of("ereo.of_tomorrow", "?"), Some(Told::Unknown));
        assert_eq!(of("ereo", ""), None);
        assert_eq!(Told::of(None, ""), None);
    }
}
