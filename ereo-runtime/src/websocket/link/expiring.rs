//! What is said of the client's credentials, on its way to the driver, which watches the clock.

use super::Link;
use crate::expiry::{Credentials, Expiry, Refresh};

impl Link {
    pub(in crate::websocket) fn expires_at(&self, expiry: Expiry) {
        self.0.state.borrow_mut().rare().expiry = Some(expiry);
        self.wake_driver();
    }

    pub(in crate::websocket) fn refresh_by(&self, refresh: Refresh) {
        let replaced = self.0.state.borrow_mut().rare().refresh.replace(refresh);
        // Captures of the user's: not dropped while the state is borrowed.
        drop(replaced);
        self.wake_driver();
    }

    /// Where the credentials end, by all that was said, for who watches it.
    pub(in crate::websocket) fn take_credentials(&self) -> Option<Box<Credentials>> {
        let mut state = self.0.state.borrow_mut();
        let rare = state.rare.as_mut()?;
        let mut credentials = rare.credentials.take();
        let (expiry, refresh) = (rare.expiry.take(), rare.refresh.take());
        drop(state);
        if let Some(expiry) = expiry {
            credentials.get_or_insert_default().expires_at(expiry);
        }
        if let Some(refresh) = refresh {
            credentials.get_or_insert_default().refresh_by(refresh);
        }
        credentials
    }

    /// They are looked at again with the driver's next turn.
    pub(in crate::websocket) fn keep_credentials(&self, credentials: Box<Credentials>) {
        self.0.state.borrow_mut().rare().credentials = Some(credentials);
    }
}
