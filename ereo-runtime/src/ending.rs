//! The end of a connection that was named, as its client is told it.

use std::borrow::Cow;

/// Bytes of a reason: what a close frame has room for beside the code (RFC 6455 section 5.5).
const LONGEST_REASON: usize = 123;

/// What the client of a connection is told that is ended by name: a close code, a reason, and whether it is
/// for good. See [`ClientSet::disconnect`](crate::ClientSet::disconnect).
///
/// A socket is closed with code and reason. An event stream gets them as `event: ereo.closed`, with
/// `{"code": 4001, "reason": "logged out", "final": true}`, and ends.
///
/// Without [`final_`](Ending::final_) the client may come back: the browser module does so with its usual
/// backoff, whatever the code.
///
/// ```
/// use ereo_runtime::Ending;
///
/// const LOGGED_OUT: Ending = Ending::code(4001, "logged out").final_();
/// assert_eq!((LOGGED_OUT.close_code(), LOGGED_OUT.reason()), (4001, "logged out"));
/// assert!(LOGGED_OUT.is_final());
/// ```
///
/// A code that no application may send does not compile in a constant:
///
/// ```compile_fail
/// # use ereo_runtime::Ending;
/// const LOST: Ending = Ending::code(1006, "lost");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    reason: Cow<'static, str>,
    code: u16,
    last: bool,
}

/// Why there is no such [`Ending`].
///
/// ```
/// use ereo_runtime::{Ending, InvalidEnding};
///
/// assert_eq!(Ending::new(1006, "gone").unwrap_err(), InvalidEnding::Code(1006));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEnding {
    /// Not a code that an application may send.
    #[error(
        "{0} is no close code that an application may send (RFC 6455, section 7.4): 1000 to 1003, 1007 to 1014, and 3000 to 4999 are"
    )]
    Code(u16),
    /// The reason does not fit beside the code.
    #[error("a reason has 123 bytes at most, and this one {0}")]
    ReasonTooLong(usize),
}

/// Whether a close frame may carry this code (RFC 6455 section 7.4 and its registry): 1004, 1005, 1006 and 1015
/// are reserved and never on the wire.
pub(crate) const fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

impl Ending {
    /// With a code and a reason that stand in the source: in a constant they are checked by the compiler. For
    /// those that do not, there is [`Ending::new`].
    ///
    /// An application's own codes are 4000 to 4999.
    ///
    /// # Panics
    /// When no application may send the code ([`InvalidEnding::Code`]), or the reason has more than 123 bytes.
    #[track_caller]
    pub const fn code(code: u16, reason: &'static str) -> Self {
        assert!(
            may_be_sent(code),
            "this is no close code that an application may send (RFC 6455, section 7.4): 1000 to 1003, 1007 to 1014, and 3000 to 4999 are"
        );
        assert!(reason.len() <= LONGEST_REASON, "a reason has 123 bytes at most");
        Self { reason: Cow::Borrowed(reason), code, last: false }
    }

    /// With a code and a reason that come from elsewhere.
    ///
    /// ```
    /// use ereo_runtime::{Ending, InvalidEnding};
    ///
    /// let ending = Ending::new(4003, format!("banned by {}", "ann"))?;
    /// assert_eq!(ending.reason(), "banned by ann");
    /// assert_eq!(Ending::new(1005, ""), Err(InvalidEnding::Code(1005)));
    /// assert_eq!(Ending::new(4003, "x".repeat(124)), Err(InvalidEnding::ReasonTooLong(124)));
    /// # Ok::<_, InvalidEnding>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidEnding`].
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Result<Self, InvalidEnding> {
        let reason = reason.into();
        if !may_be_sent(code) {
            return Err(InvalidEnding::Code(code));
        }
        if reason.len() > LONGEST_REASON {
            return Err(InvalidEnding::ReasonTooLong(reason.len()));
        }
        Ok(Self { reason, code, last: false })
    }

    /// For good: the client is not to come back.
    #[must_use]
    pub const fn final_(mut self) -> Self {
        self.last = true;
        self
    }

    /// The code.
    pub const fn close_code(&self) -> u16 {
        self.code
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether the client is not to come back.
    pub const fn is_final(&self) -> bool {
        self.last
    }

    /// As an event stream is told it.
    pub(crate) fn json(&self) -> String {
        let Self { code, last, .. } = self;
        let reason = serde_json::Value::from(self.reason());
        format!(r#"{{"code":{code},"reason":{reason},"final":{last}}}"#)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_what_a_close_frame_can_carry_and_nothing_else() {
        for code in [1000, 1003, 1008, 1012, 3000, 4999] {
            assert_eq!(Ending::new(code, "").map(|ending| ending.close_code()), Ok(code));
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, u16::MAX] {
            assert_eq!(Ending::new(code, ""), Err(InvalidEnding::Code(code)));
        }
        assert!(Ending::new(4000, "é".repeat(61)).is_ok());
        assert_eq!(Ending::new(4000, "é".repeat(62)), Err(InvalidEnding::ReasonTooLong(124)));
    }

    #[test]
    #[should_panic(expected = "no close code that an application may send")]
    fn a_wrong_code_that_is_not_in_a_constant_says_so() {
        let _ = Ending::code(1005, "");
    }

    #[test]
    fn its_json_is_json_whatever_the_reason() {
        let ending = Ending::code(4001, "a \"b\"\n\u{2028}").final_();
        let json: serde_json::Value = serde_json::from_str(&ending.json()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"code": 4001, "reason": "a \"b\"\n\u{2028}", "final": true})
        );
        assert!(!ending.json().contains('\n'));
    }
}
