//! Systems that cannot tell how much a socket has taken: actix writes.

use std::convert::Infallible;
use std::io;

use tokio::net::TcpStream;

use super::socket::Socket;

/// There is none.
#[derive(Debug)]
pub(crate) struct Tap(Infallible);

/// There is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain(Infallible);

impl Plain {
    pub(crate) fn of(_: &TcpStream) -> Option<Self> {
        None
    }

    pub(crate) fn bound(self, _: usize) {
        match self.0 {}
    }

    pub(crate) fn cut(self) {
        match self.0 {}
    }
}

impl Tap {
    pub(super) fn has_room(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn taken(&self) -> u64 {
        match self.0 {}
    }

    pub(super) fn accepted(&self) -> Option<u64> {
        match self.0 {}
    }

    pub(super) fn socket(&self) -> io::Result<Socket> {
        match self.0 {}
    }
}
