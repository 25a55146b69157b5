//! Clients that attack each bound of a server, round after round: its memory reaches a plateau, and the
//! kernel's for it stays below what the clients may cost.

mod means;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::Result;
use crate::http::json;
use crate::process::Process;
use means::{MEANS, Means};

/// How much more the last rounds may take than the first ones behind the warm-up.
const GROWTH: f64 = 1.05;

/// Resident memory in KiB that no round may reach.
const MOST: u64 = 128 << 10;

/// What the kernel may hold of what one client is sent, in KiB: twice what `Realtime::send_buffer` asks for,
/// and a last write.
const A_CLIENT: u64 = 2 * 128 + 64;

/// So many rounds at least tell a plateau from a slope: one to warm up, and two to compare.
const ROUNDS: usize = 3;

/// The most that was seen during one round, in KiB.
#[derive(Debug, Clone, Copy, Default)]
struct Peak {
    resident: u64,
    /// Of all send buffers together, for each connection that had one.
    unread: u64,
}

/// Attacks a server for so many seconds, and for three rounds at least.
///
/// # Errors
/// When memory grows or is too much, something is left behind, or the server does not answer a client that
/// means well.
pub async fn attack(seconds: u64) -> Result<()> {
    let path = std::env::current_exe()?;
    let path = path.to_str().ok_or("the program's path is no text")?;
    let server = Arc::new(Process::start(path, &[("WORKERS", "2")]).await?);
    // Once used, so that what is made on first use is there.
    json(server.address, "/state/none").await?;
    let descriptors = server.descriptors()?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut rounds = Vec::new();
    while Instant::now() < until || rounds.len() < ROUNDS {
        let peak = round(&server, rounds.len()).await?;
        nothing_left(&server, descriptors).await?;
        let rest = server.memory()?;
        println!(
            "round {:>2}: {} KiB at most, {} KiB of them unread in the kernel for a client, {rest} KiB behind it",
            rounds.len() + 1,
            peak.resident,
            peak.unread,
        );
        rounds.push(peak);
    }
    plateau(&rounds)
}

/// All means at once, each with connections of its own, while a client that means well is served.
async fn round(server: &Arc<Process>, number: usize) -> Result<Peak> {
    let watch = Watch::default();
    let watching = tokio::spawn(watch.clone().look(Arc::clone(server)));
    for (name, means) in MEANS {
        let before = Instant::now();
        let held = attacked(*means, server, number).await;
        let held = held.map_err(|error| format!("{name}: {error}"))?;
        // What is held is held for a moment, beside what the next ones do.
        let answer = timeout(Duration::from_secs(10), json(server.address, "/state/well")).await;
        answer.map_err(|_| format!("{name}: nobody else was served"))??;
        let (resident, took) = (server.memory()?, before.elapsed());
        if std::env::var_os("VERBOSE").is_some() {
            println!("  {name:<28} {resident:>8} KiB  {took:.1?}");
        }
        watch.hold(held);
    }
    sleep(Duration::from_millis(500)).await;
    watch.done.store(true, Ordering::Relaxed);
    watching.await??;
    Ok(Peak {
        resident: watch.resident.load(Ordering::Relaxed),
        unread: watch.unread.load(Ordering::Relaxed),
    })
}

async fn attacked(means: Means, server: &Process, round: usize) -> Result<means::Held> {
    timeout(Duration::from_secs(60), means(server.address, round))
        .await
        .map_err(|_| "it takes more than a minute")?
}

/// Looks at the server while it is attacked, and has what the attackers hold.
#[derive(Clone, Default)]
struct Watch {
    done: Arc<AtomicBool>,
    resident: Arc<AtomicU64>,
    unread: Arc<AtomicU64>,
    held: Arc<std::sync::Mutex<Vec<means::Held>>>,
}

impl Watch {
    fn hold(&self, held: means::Held) {
        self.held.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(held);
    }

    async fn look(self, server: Arc<Process>) -> Result<()> {
        while !self.done.load(Ordering::Relaxed) {
            self.resident.fetch_max(server.memory()?, Ordering::Relaxed);
            self.unread.fetch_max(unread(server.address.port())?, Ordering::Relaxed);
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

/// KiB in the fullest of the send buffers of the connections that are open at a port of this machine
/// (proc(5), `/proc/net/tcp`).
fn unread(port: u16) -> Result<u64> {
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let port = format!(":{port:04X}");
    let queues = table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let is_its = fields.next()?.ends_with(&port);
        // Behind the peer's address and the state; one that is closed has none.
        let queue = fields.nth(2)?.split_once(':')?.0;
        is_its.then(|| u64::from_str_radix(queue, 16).ok())?
    });
    Ok(queues.max().unwrap_or_default() >> 10)
}

/// Waits until all that the attackers had is given back.
async fn nothing_left(server: &Process, descriptors: usize) -> Result<()> {
    let gone = async {
        loop {
            let open = json(server.address, "/state/none").await?["open"].as_u64();
            // The one that asks may still be there.
            if open == Some(0) && server.descriptors()? <= descriptors {
                return Result::<()>::Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(60), gone).await.map_err(|_| "connections are left behind")?
}

/// The first half of the rounds behind the warm-up, which is the first third, against the second.
fn plateau(rounds: &[Peak]) -> Result<()> {
    let warm = &rounds[rounds.len() / 3..];
    let (before, after) = warm.split_at(warm.len() / 2);
    let most = |part: &[Peak]| part.iter().map(|peak| peak.resident).max().unwrap_or_default();
    let (before, after) = (most(before), most(after));
    let unread = rounds.iter().map(|peak| peak.unread).max().unwrap_or_default();
    let growth = after as f64 / before as f64;
    println!(
        "memory at most: {before} KiB, then {after} KiB, ratio {growth:.3}; {unread} KiB unread"
    );
    if growth.is_nan() || growth > GROWTH {
        return Err(format!("memory grows: {growth:.3}").into());
    }
    if after >= MOST {
        return Err(format!("{after} KiB of memory, and {MOST} are too much").into());
    }
    if unread > A_CLIENT {
        return Err(format!("{unread} KiB unread of one client's in the kernel").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_behind_the_warm_up_fails_and_so_does_too_much() {
        let rounds = |figures: [u64; 6]| {
            let peak = |resident| Peak { resident, unread: 100 };
            plateau(&figures.map(peak))
        };
        assert!(rounds([10, 500, 1000, 1000, 1040, 1020]).is_ok());
        assert!(rounds([10, 500, 1000, 1000, 1000, 1060]).is_err());
        assert!(rounds([10, MOST, MOST, MOST, MOST, MOST]).is_err());
        assert!(plateau(&[]).is_err());
        let unread = Peak { resident: 1000, unread: 2000 };
        assert!(plateau(&[unread; 6]).is_err());
    }
}
