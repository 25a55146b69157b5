//! What becomes of the commands that other nodes have issued.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Weak;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::Sets;
use super::order::{Order, Task};
use super::patience::Patience;
use super::place::until;
use super::sets::Commanded;
use crate::broadcast::core::{Core, LogReader};
use crate::broadcast::entry::Entry;
use crate::log::Next;
use crate::sync::Arc;

/// So many are carried out at once.
const BATCH: usize = 256;

/// How long it is waited for a look at the logs, behind which what was broadcast before a command is here. Where the
/// store does not answer it is carried out without.
const PATIENCE: Duration = Duration::from_secs(2);

/// So many that issue commands are known, and for so long after their last.
const ISSUERS: usize = 1024;
const REMEMBERED: Duration = Duration::from_secs(600);

/// The last command that was read of each who issues some. The log may bring one twice, where its store has gone back.
#[derive(Default)]
struct Issuers(HashMap<u64, (u64, Instant)>);

impl Issuers {
    /// Whether it was not read before.
    fn is_new(&mut self, order: &Order) -> bool {
        let now = Instant::now();
        if self.0.len() >= ISSUERS && !self.0.contains_key(&order.by) {
            self.0.retain(|_, (_, at)| now.duration_since(*at) < REMEMBERED);
        }
        let last = self.0.entry(order.by).or_insert((0, now));
        let is_new = order.number > last.0;
        *last = (last.0.max(order.number), now);
        is_new
    }
}

/// Carries out what others issue until the log is closed: all that was since the set was made, since whoever is
/// connected here has come later.
pub(super) async fn obey(log: Arc<Core<String>>, sets: Arc<Sets>, own: u64) {
    let mut reader = LogReader::new(Arc::clone(&log), u64::MAX);
    poll_fn(|cx| poll_open(&mut reader, cx)).await;
    let first = log.first_young();
    let mut reader = LogReader::new(Arc::clone(&log), log.window().oldest.min(first));
    let (mut issuers, mut patience) = (Issuers::default(), Patience::new());
    loop {
        let mut next = Some(poll_fn(|cx| reader.poll_next(cx)).await);
        let mut tasks = Vec::new();
        while let Some(found) = next {
            match found {
                Next::Entry(offset, entry) => {
                    let order = read(&entry).filter(|order| issuers.is_new(order));
                    let order = order.filter(|order| offset >= first && order.by != own);
                    tasks.extend(order.map(|order| order.task));
                }
                Next::Aside(_) => {}
                Next::Unreadable(behind) => {
                    reader.skip_to(behind.oldest);
                }
                Next::Lagged(kept) => {
                    let missed = reader.skip_to(kept.oldest);
                    tracing::warn!(
                        missed,
                        "commands of other nodes were missed: this one was away too long"
                    );
                }
                Next::Closed => return,
            }
            next = if tasks.len() < BATCH { reader.read() } else { None };
        }
        if !tasks.is_empty() {
            // Late is better than not.
            let _ = timeout(PATIENCE, look(&tasks, &sets)).await;
            for task in tasks {
                task.carry_out(&sets, &mut patience).await;
            }
        }
    }
}

fn poll_open(reader: &mut LogReader<String>, cx: &mut Context<'_>) -> Poll<()> {
    if reader.log().is_open() || reader.poll_next(cx).is_ready() || reader.log().is_open() {
        return Poll::Ready(());
    }
    Poll::Pending
}

fn read(entry: &Entry<String>) -> Option<Order> {
    let order = Order::of(entry.value());
    if order.is_none() {
        tracing::error!("a command of another version of Ereo is left out");
    }
    order
}

/// A set, the number under which it was asked to look, and what tells of that.
type Look = (Weak<dyn Commanded>, u64, Arc<Notify>);

/// Waits until the sets that these are about somebody in have all that was broadcast before.
async fn look(tasks: &[Task], sets: &Sets) {
    let mut looks = HashMap::<usize, Look>::new();
    for task in tasks {
        for set in task.sets(sets) {
            let place = Arc::as_ptr(&set).cast::<()>().addr();
            let is_about = || task.reached(std::slice::from_ref(&set)) > 0;
            if !looks.contains_key(&place) && is_about() {
                looks.insert(place, (Arc::downgrade(&set), set.look(), set.changed()));
            }
        }
    }
    for (set, number, changed) in looks.into_values() {
        let has_looked = || set.upgrade().is_none_or(|set| set.has_looked(number));
        until(&changed, has_looked).await;
    }
}
