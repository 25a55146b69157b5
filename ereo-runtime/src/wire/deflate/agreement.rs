//! The agreement of client and server (RFC 7692 sections 5 and 7.1).

use std::fmt;

use super::offer::{Offer, offers};
use super::window::Window;

/// Which messages of a socket route are compressed, for clients that can read it; see
/// [the costs](mod@crate::websocket#compression).
///
/// ```
/// use ereo_runtime::{Compression, websocket::Options};
///
/// // As the key of a route: `compression = "on"`.
/// let options = Options::default().compression(Compression::On);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// None: permessage-deflate is not negotiated.
    Off,
    /// Broadcasts, once for all readers; the default. Messages to one client alone go out as they are. Those of
    /// clients may be compressed.
    #[default]
    Broadcast,
    /// Everything, each message for each connection, with reference to the messages before it where the
    /// client allows that; also what does not get smaller, by a few bytes each 16 KiB.
    On,
}

/// The outcome of a connection's handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// True if messages to this connection alone are compressed too.
    pub(super) own: bool,
    /// How far back what the server sends may refer.
    pub(super) server_window: Window,
    /// True if the server may refer to its earlier messages.
    pub(super) server_takeover: bool,
    /// How far what the client sends refers to its earlier messages, if it does.
    pub(super) client_takeover: Option<Window>,
    /// True if the offer asked for a limit, which the answer then confirms.
    confirm_server_window: bool,
}

/// Takes the first offer that can be accepted; without one there is no compression, and no error.
pub(crate) fn agree<'a>(
    compression: Compression,
    headers: impl Iterator<Item = &'a str>,
) -> Option<Agreement> {
    let own = match compression {
        Compression::Off => return None,
        Compression::Broadcast => false,
        Compression::On => true,
    };
    let mut offers = headers.flat_map(offers);
    offers.find_map(|offer| Agreement::of(offer, own))
}

impl Agreement {
    /// `None` for an offer that this server cannot keep.
    fn of(offer: Offer, own: bool) -> Option<Self> {
        let limit = match offer.server_max_window_bits {
            // 2^8 is none that can be kept.
            Some(bits) => Some(Window::new(bits)?),
            None => None,
        };
        let server_takeover = own && !offer.server_no_context_takeover;
        // A context takes memory: on this side, and on the client's.
        let most = if server_takeover { Window::CONTEXT } else { Window::MAX };
        let client_takeover = match offer.client_max_window_bits {
            _ if !own || offer.client_no_context_takeover => None,
            // Only a client that offers it can be told to use a smaller window than 2^15.
            None => None,
            Some(None) => Some(Window::CONTEXT),
            Some(Some(bits)) => Window::new(bits).map(|window| window.min(Window::CONTEXT)),
        };
        Some(Self {
            own,
            server_window: limit.unwrap_or(Window::MAX).min(most),
            server_takeover,
            client_takeover,
            confirm_server_window: limit.is_some() || server_takeover,
        })
    }
}

/// The value of the answer's `Sec-WebSocket-Extensions`.
impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("permessage-deflate")?;
        if !self.server_takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if self.confirm_server_window {
            write!(f, "; server_max_window_bits={}", self.server_window.bits())?;
        }
        match self.client_takeover {
            None => f.write_str("; client_no_context_takeover"),
            Some(window) => write!(f, "; client_max_window_bits={}", window.bits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(compression: Compression, header: &str) -> Option<String> {
        agree(compression, [header].into_iter()).map(|agreement| agreement.to_string())
    }

    #[test]
    fn a_broadcast_is_read_alone_and_so_is_what_the_client_sends() {
        let answer = |header| answer(Compression::Broadcast, header);
        let alone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        // Chromium's and Firefox's.
        for header in [
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits=9; client_no_context_takeover",
            "permessage-deflate; server_max_window_bits=8, permessage-deflate",
        ] {
            assert_eq!(answer(header).as_deref(), Some(alone), "{header}");
        }
        assert_eq!(
            answer("permessage-deflate; server_max_window_bits=9").as_deref(),
            Some(
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_no_context_takeover"
            ),
        );
    }

    #[test]
    fn with_context_both_windows_are_limited() {
        let answer = |header| answer(Compression::On, header);
        for (offered, answered) in [
            (
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
            ),
            (
                "permessage-deflate; client_max_window_bits=10; server_max_window_bits=11",
                "permessage-deflate; server_max_window_bits=11; client_max_window_bits=10",
            ),
            // A client that cannot be told a smaller window has none that outlives a message.
            (
                "permessage-deflate; client_max_window_bits=8",
                "permessage-deflate; server_max_window_bits=12; client_no_context_takeover",
            ),
            (
                "permessage-deflate",
                "permessage-deflate; server_max_window_bits=12; client_no_context_takeover",
            ),
            (
                "permessage-deflate; server_no_context_takeover; client_max_window_bits; client_no_context_takeover",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            ),
            (
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=15; client_no_context_takeover",
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=15; client_no_context_takeover",
            ),
        ] {
            assert_eq!(answer(offered).as_deref(), Some(answered), "{offered}");
        }
    }

    #[test]
    fn without_an_offer_that_can_be_kept_nothing_is_agreed() {
        for header in ["", "permessage-bzip2", "permessage-deflate; server_max_window_bits=8"] {
            assert_eq!(answer(Compression::On, header), None, "{header}");
        }
        assert_eq!(answer(Compression::Off, "permessage-deflate"), None);
    }

    #[test]
    fn offers_may_be_spread_over_headers() {
        let headers = ["permessage-deflate; nonsense", "other, permessage-deflate"];
        assert!(agree(Compression::Broadcast, headers.into_iter()).is_some());
    }
}
