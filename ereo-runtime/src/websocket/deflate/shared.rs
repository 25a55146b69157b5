//! A broadcast's compressed forms: each made once, by the first reader that needs it.

use std::sync::OnceLock;

use bytes::Bytes;

use super::compressor::{deflate, parts};
use super::window::Window;
use crate::websocket::encoded::Encoded;

/// The compressed forms of one frame, one for each window that its readers have.
///
/// They refer to nothing before the message, so that every connection without server context takeover
/// reads the same bytes. Readers on other threads wait while the first one compresses: they would
/// otherwise do the same work.
#[derive(Debug, Default)]
pub(crate) struct SharedForms(OnceLock<Box<[OnceLock<Bytes>; Window::COUNT]>>);

impl SharedForms {
    /// `frame` for a reader with this window: compressed where it may be and that makes it smaller.
    pub(crate) fn get(&self, frame: &Encoded, window: Window) -> Bytes {
        let plain = frame.frame();
        let length = parts(plain).map_or(0, |(_, payload)| payload.len());
        if !frame.may_be_deflated() || length < super::compressor::THRESHOLD {
            return plain.clone();
        }
        let window = window.for_whole(length);
        let form = &self.0.get_or_init(Box::default)[window.index()];
        form.get_or_init(|| deflate(plain, window, &[]).unwrap_or_else(|| plain.clone())).clone()
    }
}
