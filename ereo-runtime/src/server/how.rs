//! Ends of connections.

/// As the field `how` of a connection's span says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// By its route, before anything else.
    Refused,
    NothingToCome,
    /// The client went, or could not be written to.
    Left,
    /// Its source has.
    Ended,
    Lagged,
    Drained,
    Expired,
    /// By name.
    Disconnected,
    ByPeer,
    ByThisSide,
    Finished,
    Failed,
    Panicked,
    Protocol,
    TooBig,
    InvalidUtf8,
    Corrupt,
    Idle,
    Vanished,
}

impl How {
    /// What the inspector calls it, where something went wrong that was not told before.
    pub(super) const fn problem(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Refused => Some(("refused", "route")),
            Self::Panicked | Self::Failed => Some(("failed", self.label())),
            Self::Protocol | Self::TooBig | Self::InvalidUtf8 | Self::Corrupt => {
                Some(("protocol", self.label()))
            }
            Self::Idle => Some(("closed", self.label())),
            _ => None,
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NothingToCome => "nothing to come",
            Self::Left => "left",
            Self::Ended => "ended",
            Self::Lagged => "lagged",
            Self::Drained => "drained",
            Self::Expired => "expired",
            Self::Disconnected => "disconnected",
            Self::ByPeer => "closed by the peer",
            Self::ByThisSide => "closed by this side",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Protocol => "protocol error",
            Self::TooBig => "too big",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::Corrupt => "corrupt compression",
            Self::Idle => "idle",
            Self::Vanished => "vanished",
        }
    }
}
