//! How much a set keeps, and for how long.

use std::marker::PhantomData;
use std::time::Duration;

use super::ClientSet;
use super::log::Limits;
use super::on_lag::OnLag;
use crate::message::Message;

/// Settings of a [`ClientSet`]; start with [`ClientSet::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder<T> {
    limits: Limits,
    on_lag: OnLag,
    message: PhantomData<fn() -> T>,
}

impl<T> Default for Builder<T> {
    fn default() -> Self {
        let limits = Limits { count: 1024, bytes: 8 << 20, age: None };
        Self { limits, on_lag: OnLag::default(), message: PhantomData }
    }
}

impl<T: Message> Builder<T> {
    /// How many messages are kept for replay and for slow readers; 1024 by default, at least 1.
    pub fn history(mut self, messages: usize) -> Self {
        self.limits.count = messages.max(1);
        self
    }

    /// How many encoded bytes are kept; 8 MiB by default. A larger single message is refused.
    ///
    /// A message counts with the larger of its forms, event or frame; a set that both event streams
    /// and sockets read holds up to twice as much. What sockets read compressed comes on top: one form,
    /// smaller than the message, for each window size that its readers negotiated (nearly always the
    /// same one; there are seven).
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// How old a message may be to be replayed; unbounded by default. Older ones are freed with the
    /// next broadcast or subscription, and a slow reader still gets them until then.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.limits.age = Some(age);
        self
    }

    /// What becomes of a reader that falls out of the log; [`OnLag::Disconnect`] by default.
    pub fn on_lag(mut self, on_lag: OnLag) -> Self {
        self.on_lag = on_lag;
        self
    }

    /// The set.
    pub fn build(self) -> ClientSet<T> {
        ClientSet::with(self.limits, self.on_lag)
    }
}
