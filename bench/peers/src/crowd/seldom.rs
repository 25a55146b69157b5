//! A run whose clients read seldom, so that the load leaves its core to a worker of the server.

use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Instant;

use rustix::event::epoll;

use super::{Crowd, PATIENCE, PUBLISHER, Run, STEP, text, wait};

/// So many messages wait in a client's socket, which is less than it holds.
const UNREAD: usize = 64;

/// So many of the clients are read at once, the last that came: workers are given clients in turn, and
/// each sends to its own in the order in which they came.
const WATCHED: usize = 2;

impl Crowd {
    /// As [`run`](Crowd::run), but a window is taken for delivered once the last clients have it; the
    /// others read in turns, some with each window, many messages at once. Every delivery is counted all
    /// the same.
    ///
    /// # Errors
    /// As [`run`](Crowd::run).
    pub fn run_seldom(
        &mut self,
        messages: usize,
        window: usize,
        size: usize,
    ) -> Result<Run, String> {
        let begin = self.board.published();
        let end = begin + messages;
        self.prepare(window, size)?;
        let watched = self.watched()?;
        let share = (self.members.len() * window).div_ceil(UNREAD);
        let mut readers = (0..self.members.len()).cycle();
        let started = Instant::now();
        while self.seen() < end {
            let seen = self.seen();
            self.publish(end, seen + window, size)?;
            // While the server is at the next window.
            readers.by_ref().take(share).try_for_each(|client| self.read(client))?;
            self.wait_for_more_than(seen, &watched)?;
        }
        self.pump_until(|crowd| crowd.board.complete() == end)?;
        let took = started.elapsed();
        let deliveries = messages * self.board.readers();
        Ok(Run { deliveries, took, fan_outs: self.board.fan_outs(begin) })
    }

    fn last(&self) -> std::ops::Range<usize> {
        self.members.len().saturating_sub(WATCHED)..self.members.len()
    }

    /// The queue of those that are read at once.
    fn watched(&self) -> Result<OwnedFd, String> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(text)?;
        let clients =
            self.last().map(|client| (self.members[client].socket.as_fd(), client as u64));
        let publisher = self.publisher.iter().flat_map(|publisher| publisher.sockets());
        let publisher = publisher.map(|socket| socket.as_fd()).zip(PUBLISHER..);
        for (socket, token) in clients.chain(publisher) {
            let token = epoll::EventData::new_u64(token);
            epoll::add(&poll, socket, token, epoll::EventFlags::IN).map_err(text)?;
        }
        Ok(poll)
    }

    /// How many messages the last clients have got.
    fn seen(&self) -> usize {
        self.last().map(|client| self.members[client].got).min().unwrap_or_default()
    }

    fn wait_for_more_than(&mut self, seen: usize, watched: &OwnedFd) -> Result<(), String> {
        let begin = Instant::now();
        while self.seen() == seen {
            wait(watched, &mut self.events, self.idle, PATIENCE)?;
            if self.read_events()? == 0 || begin.elapsed() > STEP {
                return Err(format!("a step takes {:?}", begin.elapsed()));
            }
        }
        Ok(())
    }
}
