//! The end of the client's credentials.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use super::Driver;
use crate::server::Observed;
use crate::websocket::close::{CloseCode, CloseReason};
use crate::websocket::stage::Stage;

impl Driver {
    /// Closes once the client's credentials have ended. Whoever renews them is user code.
    pub(super) fn poll_credentials(&mut self, cx: &mut Context<'_>) {
        let Some(mut credentials) = self.link.take_credentials() else { return };
        if self.link.stage() == Stage::Open {
            match catch_unwind(AssertUnwindSafe(|| credentials.poll_ended(cx))) {
                Ok(Poll::Pending) => return self.link.keep_credentials(credentials),
                Ok(Poll::Ready(())) => {
                    self.link.close(CloseCode::UNAUTHORIZED, "expired", CloseReason::Expired);
                    self.link.tell(Observed::expires);
                }
                Err(panic) => self.panicked(&*panic),
            }
        }
        if catch_unwind(AssertUnwindSafe(|| drop(credentials))).is_err() {
            tracing::error!(connection = %self.link.id(), "dropping `refresh` panicked");
        }
    }
}
