//! A broadcast's compressed forms: each made once, by the first reader that needs it.

use std::sync::OnceLock;

use bytes::Bytes;

use super::compressor::{deflate, payload_from};
use super::outbound::Form;
use super::window::Window;
use crate::wire::encoded::Encoded;

/// The compressed forms of one frame, one for each window that its readers have.
///
/// They refer to nothing before the message, so that every connection without server context takeover
/// reads the same bytes. Readers on other threads wait while the first one compresses: they would
/// otherwise do the same work.
#[derive(Debug, Default)]
pub(crate) struct SharedForms(OnceLock<Box<BlockSlab>>);

type BlockSlab = [OnceLock<Bytes>; Window::COUNT];

impl SharedForms {
    /// `frame` as a reader takes it: compressed where it may be and that makes it smaller. Adds to `made`
    /// what that takes where it was not there.
    pub(crate) fn get(&self, frame: &Encoded, form: Form, made: &mut usize) -> Encoded {
        let Form::Shared { window, threshold } = form else { return frame.clone() };
        let plain = frame.frame();
        let payload = payload_from(plain, threshold).filter(|_| frame.may_be_deflated());
        let Some(payload) = payload else { return plain.clone().into() };
        let window = window.for_whole(payload.len());
        let form = &self.0.get_or_init(Box::default)[window.index()];
        let compressed = form.get_or_init(|| {
            *made += size_of::<BlockSlab>();
            let smaller = deflate(plain, window, &[]).filter(|frame| frame.len() < plain.len());
            *made += smaller.as_ref().map_or(0, Bytes::len);
            smaller.unwrap_or_else(|| plain.clone())
        });
        compressed.clone().into()
    }
}
