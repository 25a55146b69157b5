//! Messages to one connection, compressed as its handshake agreed.

use std::cell::RefCell;

use bytes::Bytes;

use super::agreement::Agreement;
use super::compressor::{deflate, payload_from};
use super::history::History;
use super::window::Window;
use crate::wire::encoded::Encoded;

/// In which form a connection takes broadcasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they are: nothing was agreed, or each is compressed for this connection alone.
    Plain,
    /// Compressed once for all connections with this window, if it is of as many bytes.
    Shared { window: Window, threshold: u32 },
}

#[cfg(test)]
impl Form {
    /// Compressed for a window of 2^`bits` bytes, which there is.
    pub(crate) fn shared(bits: u8) -> Self {
        Self::Shared { window: Window::new(bits).expect("a window"), threshold: 1 }
    }
}

/// The sending half of an agreement, and its context. Nothing where nothing was agreed.
#[derive(Debug)]
pub(crate) struct Outbound(Option<Box<Agreed>>);

#[derive(Debug)]
struct Agreed {
    agreement: Agreement,
    /// Payloads of fewer bytes go out as they are.
    threshold: u32,
    /// Of a connection with server context takeover.
    history: Option<RefCell<History>>,
}

impl Outbound {
    pub(crate) fn new(agreement: Option<Agreement>, threshold: usize) -> Self {
        Self(agreement.map(|agreement| {
            // Few bytes, for every reader of a set has it. Larger messages than that there are none.
            let threshold = u32::try_from(threshold).unwrap_or(u32::MAX);
            let takeover = agreement.server_takeover;
            let history = takeover.then(|| RefCell::new(History::new(agreement.server_window)));
            Box::new(Agreed { agreement, threshold, history })
        }))
    }

    pub(crate) fn agreement(&self) -> Option<Agreement> {
        self.0.as_ref().map(|agreed| agreed.agreement)
    }

    /// How broadcasts are taken.
    pub(crate) fn broadcasts(&self) -> Form {
        match &self.0 {
            Some(agreed) if !agreed.agreement.server_takeover => {
                let window = agreed.agreement.server_window;
                Form::Shared { window, threshold: agreed.threshold }
            }
            _ => Form::Plain,
        }
    }

    /// True if broadcasts go out in the form that they are taken in, whatever went before.
    pub(crate) fn shares(&self) -> bool {
        self.0.as_ref().is_none_or(|agreed| !agreed.agreement.own)
    }

    /// The bytes that go out for a frame. To be called in the order in which frames go out: with
    /// context takeover each refers to those before it.
    pub(crate) fn wire(&self, frame: Encoded) -> Bytes {
        let Some(Agreed { agreement, threshold, history }) = self.0.as_deref() else {
            return frame.into_frame();
        };
        if !agreement.own {
            return frame.into_frame();
        }
        let may_be = frame.may_be_deflated();
        let plain = frame.into_frame();
        // Uncompressed messages are no part of the context, on either side.
        let Some(payload) = payload_from(&plain, *threshold).filter(|_| may_be) else {
            return plain;
        };
        let window = agreement.server_window;
        let Some(history) = history else {
            return deflate(&plain, window, &[]).unwrap_or(plain);
        };
        let mut history = history.borrow_mut();
        let Some(compressed) = deflate(&plain, window, history.as_slice()) else {
            return plain;
        };
        history.push(payload);
        compressed
    }
}
