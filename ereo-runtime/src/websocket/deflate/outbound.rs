//! What one connection is sent, compressed as its handshake agreed.

use std::cell::RefCell;

use bytes::Bytes;

use super::agreement::Agreement;
use super::compressor::{deflate, payload_from};
use super::history::History;
use super::window::Window;
use crate::websocket::encoded::Encoded;

/// In which form a connection takes broadcasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they are: nothing was agreed, or each is compressed for this connection alone.
    Plain,
    /// Compressed once for all connections with this window, if it is of as many bytes.
    Shared { window: Window, threshold: usize },
}

/// The sending half of an agreement, and its context.
#[derive(Debug)]
pub(in crate::websocket) struct Outbound {
    agreement: Option<Agreement>,
    /// Payloads of fewer bytes go out as they are.
    threshold: usize,
    /// Of a connection with server context takeover.
    history: Option<RefCell<History>>,
}

impl Outbound {
    pub(in crate::websocket) fn new(agreement: Option<Agreement>, threshold: usize) -> Self {
        let history = agreement
            .filter(|agreement| agreement.server_takeover)
            .map(|agreement| RefCell::new(History::new(agreement.server_window)));
        Self { agreement, threshold, history }
    }

    pub(in crate::websocket) fn agreement(&self) -> Option<Agreement> {
        self.agreement
    }

    /// How broadcasts are taken.
    pub(in crate::websocket) fn broadcasts(&self) -> Form {
        match self.agreement {
            Some(agreement) if !agreement.server_takeover => {
                Form::Shared { window: agreement.server_window, threshold: self.threshold }
            }
            _ => Form::Plain,
        }
    }

    /// Whether broadcasts go out in the form that they are taken in, whatever went before.
    pub(in crate::websocket) fn shares(&self) -> bool {
        self.agreement.is_none_or(|agreement| !agreement.own)
    }

    /// The bytes that go out for a frame. To be called in the order in which frames go out: with
    /// context takeover each refers to those before it.
    pub(in crate::websocket) fn wire(&self, frame: Encoded) -> Bytes {
        let Some(Agreement { own: true, server_window, .. }) = self.agreement else {
            return frame.into_frame();
        };
        let may_be = frame.may_be_deflated();
        let plain = frame.into_frame();
        // Uncompressed messages are no part of the context, on either side.
        let Some(payload) = payload_from(&plain, self.threshold).filter(|_| may_be) else {
            return plain;
        };
        let Some(history) = &self.history else {
            return deflate(&plain, server_window, &[]).unwrap_or(plain);
        };
        let mut history = history.borrow_mut();
        let Some(compressed) = deflate(&plain, server_window, history.as_slice()) else {
            return plain;
        };
        history.push(payload);
        compressed
    }
}
