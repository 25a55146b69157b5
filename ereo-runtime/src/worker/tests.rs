//! Promises of an alarm, by a clock that stands still.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::LocalSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Workers;
use super::alarm::Alarm;
use super::clock::Sleeper;

#[test]
fn a_sleeper_is_small_and_leaves_a_list_room_to_say_that_it_is_gone() {
    assert!(size_of::<Option<Sleeper>>() <= 24, "{}", size_of::<Option<Sleeper>>());
}

const SECOND: Duration = Duration::from_secs(1);

/// Runs on a thread with a clock that goes on whenever all wait.
fn on_a_thread(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}

fn workers() -> Workers {
    Workers::new(CancellationToken::new())
}

async fn rings_by(alarm: &mut Alarm, deadline: Instant) {
    poll_fn(|cx| alarm.poll_by(deadline, cx)).await;
}

#[test]
fn everyone_is_woken_at_their_own_moment() {
    on_a_thread(async {
        let (workers, begin) = (workers(), Instant::now());
        let sleepers = [5, 1, 3, 1, 4].map(|seconds| {
            let mut alarm = workers.alarm();
            tokio::task::spawn_local(async move {
                rings_by(&mut alarm, begin + seconds * SECOND).await;
                assert_eq!(begin.elapsed().as_secs(), u64::from(seconds));
            })
        });
        for sleeper in sleepers {
            sleeper.await.unwrap();
        }
    });
}

#[test]
fn who_asks_for_an_earlier_moment_is_woken_then_and_for_a_later_one_at_the_first() {
    on_a_thread(async {
        let (workers, begin) = (workers(), Instant::now());
        let mut alarm = workers.alarm();
        let mut seconds = [9, 2, 7].into_iter();
        poll_fn(|cx| {
            // Asked with the next moment whenever it is looked at, until they are all told.
            for seconds in seconds.by_ref() {
                let polled = alarm.poll_by(begin + seconds * SECOND, cx);
                assert!(polled.is_pending());
            }
            alarm.poll_by(begin + 9 * SECOND, cx)
        })
        .await;
        assert_eq!(begin.elapsed().as_secs(), 2);
        // It is asked anew then.
        rings_by(&mut alarm, begin + 9 * SECOND).await;
        assert_eq!(begin.elapsed().as_secs(), 9);
        rings_by(&mut alarm, begin).await;
        assert_eq!(begin.elapsed().as_secs(), 9);
    });
}

#[test]
fn it_waits_for_one_task_and_until_it_has_rung() {
    on_a_thread(async {
        let mut alarm = workers().alarm();
        let deadline = Instant::now() + SECOND;
        poll_fn(|cx| {
            if alarm.is_waiting(cx) {
                return std::task::Poll::Pending;
            }
            alarm.poll_by(deadline, cx)
        })
        .await;
        assert!(deadline <= Instant::now());
        poll_fn(|cx| {
            assert!(!alarm.is_waiting(cx), "nobody has asked again");
            alarm.watch(cx);
            assert!(alarm.is_waiting(cx));
            std::task::Poll::Ready(())
        })
        .await;
    });
}

#[test]
fn all_are_woken_when_the_server_drains() {
    on_a_thread(async {
        let draining = CancellationToken::new();
        let workers = Workers::new(draining.clone());
        let sleepers = [0; 20].map(|_| {
            let (mut alarm, draining) = (workers.alarm(), draining.clone());
            let far = Instant::now() + 3600 * SECOND;
            tokio::task::spawn_local(poll_fn(move |cx| {
                alarm.watch(cx);
                if draining.is_cancelled() {
                    return std::task::Poll::Ready(());
                }
                alarm.poll_by(far, cx)
            }))
        });
        let begin = Instant::now();
        tokio::time::sleep(SECOND).await;
        draining.cancel();
        for sleeper in sleepers {
            sleeper.await.unwrap();
        }
        assert_eq!(begin.elapsed(), SECOND);
    });
}

#[test]
fn a_clock_keeps_little_of_what_is_of_no_account_any_more() {
    on_a_thread(async {
        let (workers, begin) = (workers(), Instant::now());
        let mut restless = workers.alarm();
        let clock = workers.here(|worker| worker.clock.upgrade()).unwrap();
        let mut most = 0;
        for seconds in (10..2_000).rev() {
            // It asks for an earlier moment each time, and others come, ask and leave.
            poll_fn(|cx| {
                assert!(restless.poll_by(begin + seconds * SECOND, cx).is_pending());
                assert!(workers.alarm().poll_by(begin + SECOND, cx).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
            most = most.max(clock.kept());
        }
        assert!((2..100).contains(&most), "{most}");
        rings_by(&mut restless, begin + 10 * SECOND).await;
        assert_eq!(begin.elapsed(), 10 * SECOND);
    });
}

#[test]
fn a_clock_ends_behind_its_last_alarm() {
    on_a_thread(async {
        let workers = workers();
        let (one, two) = (workers.alarm(), workers.alarm());
        let clock = workers.here(|worker| worker.clock.clone());
        tokio::time::sleep(SECOND).await;
        drop(one);
        tokio::time::sleep(SECOND).await;
        assert!(clock.upgrade().is_some());
        drop(two);
        tokio::time::sleep(SECOND).await;
        assert!(clock.upgrade().is_none());
        let mut again = workers.alarm();
        let deadline = Instant::now() + SECOND;
        rings_by(&mut again, deadline).await;
        assert_eq!(Instant::now(), deadline);
    });
}

#[test]
fn an_alarm_without_a_server_rings_too() {
    on_a_thread(async {
        let (mut alarm, begin) = (Alarm::own(), Instant::now());
        poll_fn(|cx| {
            assert!(alarm.poll_by(begin + 9 * SECOND, cx).is_pending());
            assert!(alarm.poll_by(begin + 2 * SECOND, cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
        rings_by(&mut alarm, begin + 9 * SECOND).await;
        assert_eq!(begin.elapsed().as_secs(), 2);
        rings_by(&mut alarm, begin + 9 * SECOND).await;
        assert_eq!(begin.elapsed().as_secs(), 9);
    });
}

#[cfg(all(target_os = "linux", feature = "direct-writes"))]
mod poller {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::worker::poller::PolledSocket;

    /// Both ends of a connection, the first non-blocking.
    fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (socket, _) = listener.accept().unwrap();
        socket.set_nonblocking(true).unwrap();
        (socket, peer)
    }

    /// Reads as soon as the kernel says that it is worth it.
    async fn read(watched: &PolledSocket) -> usize {
        loop {
            poll_fn(|cx| watched.poll_readable(cx)).await.unwrap();
            match watched.socket().read(&mut [0; 64]) {
                Ok(read) => return read,
                Err(_) => watched.is_read(),
            }
        }
    }

    #[test]
    fn what_comes_and_the_end_wake_who_waits() {
        on_a_thread(async {
            let poller = workers().poller().unwrap();
            let (socket, mut peer) = connection();
            let watched = PolledSocket::new(Arc::clone(&poller), socket).unwrap();
            for piece in ["one", "three"] {
                let reader = read(&watched);
                let writer = async { peer.write_all(piece.as_bytes()).unwrap() };
                assert_eq!(tokio::join!(reader, writer).0, piece.len());
                watched.is_read();
            }
            let ((), read) = tokio::join!(async { drop(peer) }, read(&watched));
            assert_eq!(read, 0);
            watched.is_read();
            // The end stays readable, and is no reset.
            assert_eq!(self::read(&watched).await, 0);
            poll_fn(|cx| {
                assert!(watched.poll_reset(cx).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
        });
    }

    #[test]
    fn a_reset_wakes_who_does_not_read() {
        on_a_thread(async {
            let poller = workers().poller().unwrap();
            let (socket, mut peer) = connection();
            let watched = PolledSocket::new(poller, socket).unwrap();
            watched.is_read();
            let reset = poll_fn(|cx| watched.poll_reset(cx));
            let peer = async {
                peer.write_all(b"unread").unwrap();
                tokio::task::yield_now().await;
                socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
                drop(peer);
            };
            tokio::join!(reset, peer);
        });
    }

    #[test]
    fn room_wakes_who_waits_to_write() {
        on_a_thread(async {
            let poller = workers().poller().unwrap();
            let (socket, mut peer) = connection();
            let watched = PolledSocket::new(poller, socket).unwrap();
            while watched.socket().write(&[0; 64 << 10]).is_ok() {}
            watched.is_full();
            peer.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            let reader =
                async { while peer.read(&mut [0; 64 << 10]).is_ok_and(|read| read > 0) {} };
            let room = poll_fn(|cx| watched.poll_writable(cx));
            tokio::join!(room, reader).0.unwrap();
            assert!(watched.socket().write(&[0]).is_ok());
        });
    }

    #[test]
    fn the_queue_ends_behind_its_last_socket() {
        on_a_thread(async {
            let workers = workers();
            let queue = |workers: &Workers| workers.here(|worker| worker.poller.clone());
            let (socket, _peer) = connection();
            let watched = PolledSocket::new(workers.poller().unwrap(), socket).unwrap();
            tokio::time::sleep(SECOND).await;
            assert!(queue(&workers).upgrade().is_some());
            drop(watched);
            tokio::time::sleep(SECOND).await;
            assert!(queue(&workers).upgrade().is_none());
        });
    }
}
