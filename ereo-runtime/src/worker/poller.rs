//! The kernel's queue of one thread's sockets: what the runtime does for its own, in an eighth of the
//! memory.
//!
//! A socket is watched for both directions from its beginning on, edge-triggered (epoll(7)): it counts
//! as ready until a call says that it would block, and from the kernel's next word on again.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use mio::unix::SourceFd;
use mio::{Events, Interest, Registry, Token};
use smallvec::SmallVec;
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

use crate::served_list::ServedList;
use crate::sync::{Mutex, lock};
use crate::wakers::{WakerSlot, wake_all};

/// So much of the kernel's news is taken at once.
const NEWS: usize = 256;

/// The lock is its own thread's, but for a publisher that takes readers back from their relays: it asks for the
/// wakers of their sockets from its thread.
#[derive(Debug)]
pub(crate) struct Poller {
    registry: Registry,
    since: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the task that asks the kernel.
    watched: ServedList<Known>,
    /// Unsent remainders by key. Rare, so they are kept out of the per-socket entry.
    left: BTreeMap<u32, Bytes>,
    /// Nobody asks the kernel any more.
    broken: bool,
}

/// Readiness of a socket, and the events that its task waits for.
#[derive(Debug)]
struct Known {
    readable: bool,
    writable: bool,
    /// The peer has ended its side: a read says so without waiting.
    ended: bool,
    reset: bool,
    /// The task waits to read, or to be told of a reset.
    reads: bool,
    /// The task waits to write.
    writes: bool,
    task: WakerSlot,
}

impl Known {
    /// The task, if it waits for what has become ready; it says again what it waits for then.
    fn news(&mut self, reads: bool, writes: bool) -> Option<Waker> {
        let waits = self.reads && reads || self.writes && writes;
        if waits { self.task.take() } else { None }
    }

    /// Pending where the task `waits` for something of this.
    fn waits(&mut self, waits: bool, cx: &Context<'_>) -> Poll<()> {
        if !waits {
            return Poll::Ready(());
        }
        self.task.set(cx.waker());
        Poll::Pending
    }
}

type Woken = SmallVec<[Waker; 16]>;

impl Poller {
    /// A queue that ends once nothing is watched; something is to be watched at once.
    ///
    /// # Errors
    /// An error of the system, such as that no descriptor is left.
    pub(super) fn start() -> io::Result<Arc<Self>> {
        let poll = mio::Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let since = Instant::now();
        let poller = Arc::new(Self { registry, since, state: Mutex::default() });
        actix_web::rt::spawn(Asking {
            poll: queue(poll)?,
            news: Events::with_capacity(NEWS),
            poller: Arc::clone(&poller),
        });
        Ok(poller)
    }

    fn tell(&self, news: &Events, woken: &mut Woken) {
        let mut state = lock(&self.state);
        for event in news {
            // One that has left meanwhile, or come in its place: then it tries in vain.
            let Some(known) = state.watched.all.get_mut(event.token().0 as u32) else { continue };
            known.reset |= event.is_error();
            known.ended |= event.is_read_closed() || event.is_error();
            let reads = event.is_readable() || event.is_read_closed() || event.is_error();
            let writes = event.is_writable() || event.is_write_closed() || event.is_error();
            known.readable |= reads;
            known.writable |= writes;
            woken.extend(known.news(reads, writes));
        }
    }

    /// True if no socket is watched any more; otherwise the task is woken when that comes.
    fn is_deserted(&self, cx: &Context<'_>) -> bool {
        lock(&self.state).watched.is_deserted(cx.waker())
    }

    /// The sockets fail from now on.
    fn fail(&self) {
        let mut state = lock(&self.state);
        state.broken = true;
        let waiting = state.watched.all.iter_mut();
        let woken: Vec<_> = waiting.filter_map(|known| known.task.take()).collect();
        drop(state);
        wake_all(woken);
    }
}

/// A socket with its place in the queue of its thread.
#[derive(Debug)]
pub(crate) struct PolledSocket {
    poller: Arc<Poller>,
    socket: TcpStream,
    /// No process has as many descriptors as there are numbers.
    key: u32,
}

impl PolledSocket {
    /// Watches `socket`, which is non-blocking.
    ///
    /// # Errors
    /// Those of `epoll_ctl`(2).
    pub(crate) fn new(poller: Arc<Poller>, socket: TcpStream) -> io::Result<Self> {
        let known = Known {
            readable: true,
            writable: true,
            ended: false,
            reset: false,
            reads: false,
            writes: false,
            task: WakerSlot::default(),
        };
        let key = lock(&poller.state).watched.all.insert(known);
        let both = Interest::READABLE | Interest::WRITABLE;
        let watched = Self { poller, socket, key };
        // A failure gives the place back.
        let registry = &watched.poller.registry;
        registry.register(&mut SourceFd(&watched.socket.as_raw_fd()), Token(key as usize), both)?;
        Ok(watched)
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// The moment that the queue began.
    pub(crate) fn since(&self) -> Instant {
        self.poller.since
    }

    fn with<R>(&self, change: impl FnOnce(&mut Known) -> R) -> io::Result<R> {
        let mut state = lock(&self.poller.state);
        if state.broken {
            return Err(io::Error::other("the runtime has ended"));
        }
        Ok(change(&mut state.watched.all[self.key]))
    }

    /// Ready when a read is worth it; one task may wait, to read and to write.
    pub(crate) fn poll_readable(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let waits = |known: &mut Known| {
            known.reads = !known.readable;
            known.waits(known.reads, cx)
        };
        self.with(waits).map_or_else(|error| Poll::Ready(Err(error)), |waits| waits.map(Ok))
    }

    /// Ready when a write is worth it; see [`poll_readable`](PolledSocket::poll_readable).
    pub(crate) fn poll_writable(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let waits = |known: &mut Known| {
            known.writes = !known.writable;
            known.waits(known.writes, cx)
        };
        self.with(waits).map_or_else(|error| Poll::Ready(Err(error)), |waits| waits.map(Ok))
    }

    /// Ready when the peer has reset the connection. In place of
    /// [`poll_readable`](PolledSocket::poll_readable): what else comes wakes the task in vain.
    pub(crate) fn poll_reset(&self, cx: &Context<'_>) -> Poll<()> {
        let waits = |known: &mut Known| {
            known.reads = !known.reset;
            known.waits(known.reads, cx)
        };
        self.with(waits).unwrap_or(Poll::Ready(()))
    }

    /// Names the task that waits, though it may be for nothing of the socket's.
    pub(crate) fn set_waker(&self, task: &Waker) {
        // Broken, it was woken to end.
        let _ = self.with(|known| known.task.set(task));
    }

    /// The task that waits: it says again what for.
    pub(crate) fn take_waker(&self) -> Option<Waker> {
        self.with(|known| known.task.take()).ok().flatten()
    }

    /// Keeps what the socket did not take until [`take_rest`](PolledSocket::take_rest).
    pub(crate) fn keep_rest(&self, rest: Bytes) {
        let before = lock(&self.poller.state).left.insert(self.key, rest);
        drop(before);
    }

    pub(crate) fn take_rest(&self) -> Option<Bytes> {
        lock(&self.poller.state).left.remove(&self.key)
    }

    /// A read has found all there was, or would have blocked.
    pub(crate) fn is_read(&self) {
        // Broken, nothing is ready or waited for.
        let _ = self.with(|known| known.readable = known.ended);
    }

    /// A write would have blocked.
    pub(crate) fn is_full(&self) {
        let _ = self.with(|known| known.writable = false);
    }
}

impl Drop for PolledSocket {
    fn drop(&mut self) {
        // A duplicate may be open still, so the kernel is told. An error means that it knew.
        let _ = self.poller.registry.deregister(&mut SourceFd(&self.socket.as_raw_fd()));
        let mut state = lock(&self.poller.state);
        let rest = state.left.remove(&self.key);
        let left = state.watched.leave(self.key);
        drop(state);
        drop(rest);
        left.finish();
    }
}

/// Lets the runtime watch the queue itself, as it watches a socket.
fn queue(poll: mio::Poll) -> io::Result<AsyncFd<mio::Poll>> {
    // SAFETY: a `Poll` owns the one descriptor that it ever names and closes it when it is dropped;
    // it stays where it is, for who has the queue, `Asking`, only asks it.
    #[allow(unsafe_code)]
    let queue = unsafe { AsyncFd::register_with_interest(poll, tokio::io::Interest::READABLE) };
    queue.map_err(Into::into)
}

/// The task that asks the kernel for news.
struct Asking {
    poller: Arc<Poller>,
    poll: AsyncFd<mio::Poll>,
    news: Events,
}

impl Asking {
    fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut queue = ready!(self.poll.poll_read_ready_mut(cx))?;
            match queue.get_inner_mut().poll(&mut self.news, Some(Duration::ZERO)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                asked => asked?,
            }
            // Less than there is room for is all there was.
            if self.news.iter().count() < NEWS {
                queue.clear_ready();
            }
            let mut woken = Woken::new();
            self.poller.tell(&self.news, &mut woken);
            wake_all(woken);
        }
    }
}

impl Future for Asking {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.poller.is_deserted(cx) {
            return Poll::Ready(());
        }
        match self.poll_news(cx) {
            Poll::Ready(Err(error)) => {
                tracing::error!(%error, "the kernel does not tell what comes over sockets any more");
                self.poller.fail();
                Poll::Ready(())
            }
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    }
}
