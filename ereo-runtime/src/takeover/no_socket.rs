//! Systems on which actix writes: there is no socket of ours.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::time::Instant;

/// There is none.
#[derive(Debug)]
pub(crate) struct Socket(Infallible);

impl Socket {
    pub(super) fn since(&self) -> Instant {
        match self.0 {}
    }

    pub(crate) fn poll_readable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }

    pub(super) fn poll_writable(&self, _: &Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }

    pub(crate) fn poll_reset(&self, _: &Context<'_>) -> Poll<()> {
        match self.0 {}
    }

    pub(super) fn set_waker(&self, _: &Waker) {
        match self.0 {}
    }

    pub(super) fn take_waker(&self) -> Option<Waker> {
        match self.0 {}
    }

    pub(super) fn read(&self, _: &mut [u8]) -> io::Result<usize> {
        match self.0 {}
    }

    pub(crate) fn read_into(&self, _: &mut Vec<u8>) -> io::Result<usize> {
        match self.0 {}
    }

    pub(super) fn write(&self, _: &[u8]) -> io::Result<usize> {
        match self.0 {}
    }

    pub(super) fn write_vectored(&self, _: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.0 {}
    }

    pub(super) fn send(&self, _: &[u8]) -> io::Result<usize> {
        match self.0 {}
    }

    pub(super) fn keep_rest(&self, _: Bytes) {
        match self.0 {}
    }

    pub(super) fn take_rest(&self) -> Option<Bytes> {
        match self.0 {}
    }

    pub(super) fn shut_down(&self) -> io::Result<()> {
        match self.0 {}
    }
}
