//! The socket beneath a connection of actix's.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::socket_cookie;
use socket2::SockRef;
use tokio::net::TcpStream;

use super::socket::Socket;
use crate::worker::Workers;

/// A plain TCP connection, remembered so that its streams find it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain {
    fd: RawFd,
    /// The kernel's name of the socket, which is never given twice.
    cookie: u64,
}

impl Plain {
    /// That of a new connection.
    pub(crate) fn of(socket: &TcpStream) -> Option<Self> {
        // Where the system does not name its sockets, actix writes.
        let cookie = socket_cookie(socket).ok()?;
        Some(Self { fd: socket.as_raw_fd(), cookie })
    }

    fn borrow(&self) -> BorrowedFd<'_> {
        // SAFETY: the descriptor is open, for actix polls this connection's handler and its response
        // body, whence we come, from the dispatcher that owns the socket. A middleware could move
        // them elsewhere and let them outlive it, and a drain comes from another thread: then the number
        // is closed, which each call reports, or another file's, which only gets a second descriptor
        // that is closed again, or a bound of a buffer.
        #[allow(unsafe_code)]
        unsafe {
            BorrowedFd::borrow_raw(self.fd)
        }
    }

    /// A second descriptor of the socket.
    fn duplicate(self) -> io::Result<OwnedFd> {
        let owned = self.borrow().try_clone_to_owned()?;
        if socket_cookie(&owned)? == self.cookie {
            Ok(owned)
        } else {
            Err(io::Error::new(io::ErrorKind::NotConnected, "the socket is gone"))
        }
    }

    /// The kernel holds about so many bytes of what is sent, and no more.
    pub(crate) fn bound(self, bytes: usize) {
        if let Err(error) = SockRef::from(&self.borrow()).set_send_buffer_size(bytes) {
            tracing::debug!(%error, "no bound of a send buffer: it grows as the system likes");
        }
    }

    /// Ends the connection, both ways, for whoever has it.
    pub(crate) fn cut(self) {
        // A file of another kind is not even duplicated, which could cost its owner a lock (fcntl(2)).
        if socket_cookie(self.borrow()).is_ok_and(|cookie| cookie == self.cookie)
            && let Ok(socket) = self.duplicate()
        {
            // One that is gone has ended.
            let _ = SockRef::from(&socket).shutdown(Shutdown::Both);
        }
    }
}

/// A duplicate of the socket beneath one connection, beside actix's own.
#[derive(Debug)]
pub(crate) struct Tap {
    socket: OwnedFd,
    workers: Arc<Workers>,
    /// What the socket had taken when it was duplicated.
    taken: u64,
}

impl Tap {
    /// `None` where the connection is gone, or on a system that cannot tell what a socket has taken: then actix
    /// must write.
    pub(crate) fn of(plain: Plain, workers: Arc<Workers>) -> Option<Self> {
        let socket = plain.duplicate().ok()?;
        let taken = TcpInfo::of(socket.as_fd())?.accepted();
        Some(Self { socket, workers, taken })
    }

    /// How many bytes had been written to the socket when it was duplicated.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether the socket takes at least one more byte.
    pub(super) fn has_room(&self) -> bool {
        let mut fds = [PollFd::new(&self.socket, PollFlags::OUT)];
        poll(&mut fds, Some(&Timespec::default())).is_ok_and(|ready| ready == 1)
            && fds[0].revents() == PollFlags::OUT
    }

    /// How many bytes were written to the socket since it was connected.
    pub(super) fn accepted(&self) -> Option<u64> {
        TcpInfo::of(self.socket.as_fd()).map(TcpInfo::accepted)
    }

    /// The socket, watched by this thread.
    pub(super) fn socket(&self) -> io::Result<Socket> {
        Socket::new(self.socket.try_clone()?.into(), self.workers.poller()?)
    }
}

/// The beginning of Linux's `struct tcp_info` (`linux/tcp.h`), which only ever grows at its end.
struct TcpInfo([u8; TcpInfo::SIZE]);

impl TcpInfo {
    /// Where `tcpi_notsent_bytes`, a `u32`, `tcpi_bytes_sent` and `tcpi_bytes_retrans` stand. The
    /// last came with Linux 4.19.
    const NOT_SENT: usize = 144;
    const SENT: usize = 200;
    const RETRANSMITTED: usize = 208;
    const SIZE: usize = 216;

    fn of(socket: BorrowedFd<'_>) -> Option<Self> {
        let mut info = Self([0; Self::SIZE]);
        let mut length = Self::SIZE as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` bytes to `info`, which has as many, and any byte
        // is a value of its.
        #[allow(unsafe_code)]
        let result = unsafe {
            let info = info.0.as_mut_ptr().cast();
            let (level, name) = (libc::IPPROTO_TCP, libc::TCP_INFO);
            libc::getsockopt(socket.as_raw_fd(), level, name, info, &raw mut length)
        };
        // An older kernel writes less.
        (result == 0 && length as usize == Self::SIZE).then_some(info)
    }

    fn accepted(self) -> u64 {
        let not_sent = u32::from_ne_bytes(self.bytes(Self::NOT_SENT));
        let sent = u64::from_ne_bytes(self.bytes(Self::SENT));
        sent.wrapping_sub(u64::from_ne_bytes(self.bytes(Self::RETRANSMITTED))) + u64::from(not_sent)
    }

    fn bytes<const N: usize>(&self, at: usize) -> [u8; N] {
        std::array::from_fn(|index| self.0[at + index])
    }
}
