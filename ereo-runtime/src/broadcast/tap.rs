//! Samples of what is broadcast, for the inspector (feature `inspector`): taken while one looks that may show
//! them, 20 a second at most in the process, and of each no more than 512 bytes. While nobody looks a broadcast
//! reads one number.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::message::Message;
use crate::sync::{Mutex, lock};

const A_SECOND: u32 = 20;
const LONGEST: usize = 512;

/// Samples that are kept for who looks once a second.
const KEPT: usize = 3 * A_SECOND as usize;

/// Larger messages are not encoded once more to be shown.
const LARGE: usize = 64 << 10;

static LOOKERS: AtomicUsize = AtomicUsize::new(0);
static SAMPLES: Mutex<Samples> =
    Mutex::new(Samples { since: None, taken: 0, last: VecDeque::new(), next: 1 });

struct Samples {
    /// When the second began in which so many were taken.
    since: Option<Instant>,
    taken: u32,
    last: VecDeque<Sample>,
    next: u64,
}

/// A message that was broadcast.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// One after the other.
    pub(crate) number: u64,
    pub(crate) at: Instant,
    /// The set's place.
    pub(crate) set: usize,
    /// Its event's name, if it has one.
    pub(crate) event: Option<String>,
    /// The beginning of its data; none of what is too large to be looked at.
    pub(crate) data: Option<String>,
    /// Bytes of the encoded message.
    pub(crate) bytes: usize,
}

/// Somebody looks, as long as this is there.
#[derive(Debug)]
pub(crate) struct Looking(());

impl Looking {
    pub(crate) fn new() -> Self {
        LOOKERS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        LOOKERS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Those behind this number.
pub(crate) fn samples(behind: u64) -> Vec<Sample> {
    lock(&SAMPLES).last.iter().filter(|sample| sample.number > behind).cloned().collect()
}

/// A message of so many bytes is about to be broadcast to the set at this place.
#[inline]
pub(super) fn broadcast<T: Message + ?Sized>(message: &T, set: usize, bytes: usize) {
    if LOOKERS.load(Ordering::Relaxed) > 0 {
        sample(message, set, bytes);
    }
}

#[cold]
fn sample<T: Message + ?Sized>(message: &T, set: usize, bytes: usize) {
    let at = Instant::now();
    // A publisher waits for nobody to be sampled.
    if !SAMPLES.try_lock().is_ok_and(|mut samples| samples.take(at)) {
        return;
    }
    // User code: not under the lock.
    let event = if bytes > LARGE { None } else { message.to_event().ok() };
    let (name, data) = event.map_or((None, None), |event| {
        (
            event.event_str().map(|name| cut(name).to_owned()),
            event.data_str().map(|data| cut(data).to_owned()),
        )
    });
    let mut samples = lock(&SAMPLES);
    let number = samples.next;
    samples.next += 1;
    if samples.last.len() == KEPT {
        samples.last.pop_front();
    }
    samples.last.push_back(Sample { number, at, set, event: name, data, bytes });
}

impl Samples {
    /// Whether one more may be taken.
    fn take(&mut self, now: Instant) -> bool {
        const SECOND: Duration = Duration::from_secs(1);
        if self.since.is_none_or(|since| now.saturating_duration_since(since) >= SECOND) {
            (self.since, self.taken) = (Some(now), 0);
        }
        self.taken += 1;
        self.taken <= A_SECOND
    }
}

/// Its beginning, in whole characters.
fn cut(text: &str) -> &str {
    let end = (0..=text.len().min(LONGEST)).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn twenty_a_second_are_taken_and_of_each_its_beginning() {
        let set = 0xbad_5e7;
        let of_set =
            || samples(0).into_iter().filter(|sample| sample.set == set).collect::<Vec<_>>();
        broadcast(&"nobody looks".to_owned(), set, 12);
        assert!(of_set().is_empty());
        let looking = Looking::new();
        let long = "ä".repeat(LONGEST);
        (0..500).for_each(|_| broadcast(&long, set, long.len()));
        assert_eq!(of_set().len(), 20);
        assert!(of_set().iter().all(|sample| sample.data.as_ref().unwrap().len() == LONGEST));
        tokio::time::advance(Duration::from_secs(1)).await;
        broadcast(&"large".to_owned(), set, LARGE + 1);
        let last = of_set().pop().unwrap();
        assert_eq!((last.data, last.bytes), (None, LARGE + 1));
        drop(looking);
        tokio::time::advance(Duration::from_secs(1)).await;
        broadcast(&"nobody".to_owned(), set, 6);
        assert_eq!(of_set().len(), 21);
    }
}
