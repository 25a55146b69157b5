//! Sets over a file: after a restart, a power cut, and while it cannot be written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt as _;
use rusqlite::Connection;
use tokio::time::timeout;

use super::{OpenError, Sqlite};
use crate::broadcast::store::{Health, WhenDown};
use crate::broadcast::{BroadcastError, ClientSet, Delivery, ResetReason};
use crate::log::{LastEventId, Position};

/// A folder of a test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ereo-sqlite-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("ereo.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn wal(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn set(store: &Sqlite) -> ClientSet<String> {
    ClientSet::builder().history(100).store(store.log("set")).build()
}

async fn send(set: &ClientSet<String>, numbers: std::ops::Range<u64>) -> Position {
    let mut last = None;
    for n in numbers {
        last = Some(set.broadcast(&n.to_string()).unwrap().await.unwrap());
    }
    last.unwrap()
}

/// What a reader that comes back gets, without waiting for more.
async fn comes_back(set: &ClientSet<String>, last: Position) -> Result<Vec<u64>, ResetReason> {
    let mut reader = set.subscribe(last.into());
    timeout(Duration::from_secs(60), reader.opened()).await.unwrap();
    let mut got = Vec::new();
    while let Some(Some(delivery)) = reader.recv().now_or_never() {
        match delivery {
            Delivery::Message { message, .. } => got.push(message.parse().unwrap()),
            Delivery::Reset { reason, .. } => return Err(reason),
            _ => unreachable!("nothing is filtered and nothing expires"),
        }
    }
    Ok(got)
}

#[tokio::test]
async fn the_last_handle_waits_for_what_is_on_its_way_and_no_longer() {
    let folder = Folder::new();
    let store = Sqlite::open(folder.file()).unwrap();
    let set = set(&store);
    send(&set, 0..3).await;
    drop(store);
    let begin = std::time::Instant::now();
    drop(set);
    // It gives up after five seconds.
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn after_a_restart_everybody_goes_on() {
    let folder = Folder::new();
    let mut last = {
        let set = set(&Sqlite::open(folder.file()).unwrap());
        set.subscribe(LastEventId::none()).opened().await;
        set.position()
    };
    assert_eq!(last.offset(), 0, "who has seen nothing goes on, too");
    for life in 0..4 {
        let set = set(&Sqlite::open(folder.file()).unwrap());
        for at in 0..=last.offset() {
            let position = Position::new(last.epoch(), at);
            if at == last.offset() || life > 1 {
                assert_eq!(comes_back(&set, last).await, Ok(vec![]), "{life}");
            } else if life == 1 && at > 0 {
                assert_eq!(comes_back(&set, position).await, Ok((at..last.offset()).collect()));
            }
        }
        let before = last;
        last = send(&set, life * 5..life * 5 + 5).await;
        assert_eq!(last.offset(), life * 5 + 5);
        assert_ne!(last.epoch(), before.epoch());
        assert_eq!(comes_back(&set, before).await, Ok((life * 5..life * 5 + 5).collect()));
    }
}

#[tokio::test]
async fn a_power_cut_is_told_to_those_who_had_seen_more() {
    let folder = Folder::new();
    let store = Sqlite::open(folder.file()).unwrap();
    let before = set(&store);
    let mut ends = vec![];
    for n in 0..6 {
        send(&before, n..n + 1).await;
        ends.push(fs::metadata(wal(&folder.file())).unwrap().len());
    }
    let epoch = before.position().epoch();
    let copy = folder.0.join("copy.db");
    // At the end of each message, and in the middle of the one behind it.
    for (kept, end) in ends.iter().enumerate().flat_map(|(n, end)| [(n, *end), (n, end + 100)]) {
        let kept = kept as u64 + 1;
        fs::copy(folder.file(), &copy).unwrap();
        let log = fs::read(wal(&folder.file())).unwrap();
        let end = usize::try_from(end).unwrap().min(log.len());
        fs::write(wal(&copy), &log[..end]).unwrap();
        let store = Sqlite::open(&copy).unwrap();
        let after = set(&store);
        for at in 1..=6 {
            let told = comes_back(&after, Position::new(epoch, at)).await;
            let wanted = if at > kept { Err(ResetReason::Epoch) } else { Ok((at..kept).collect()) };
            assert_eq!(told, wanted, "{kept} were kept, {at} were seen");
        }
        assert_eq!(send(&after, 90..91).await.offset(), kept + 1);
        for at in 1..=6 {
            let told = comes_back(&after, Position::new(epoch, at)).await;
            let rest = (at..kept).chain([90]).collect();
            let wanted = if at > kept { Err(ResetReason::Epoch) } else { Ok(rest) };
            assert_eq!(told, wanted, "{kept} were kept, {at} were seen, and there is another");
        }
        drop((after, store));
        fs::remove_file(&copy).unwrap();
    }
}

#[tokio::test]
async fn what_was_taken_is_written_when_the_last_handle_goes() {
    let folder = Folder::new();
    let set = set(&Sqlite::open(folder.file()).unwrap());
    let rooms: Vec<_> = (0..20).map(|n| set.room(n)).collect();
    for n in 0..1000_u64 {
        set.broadcast(&n.to_string()).unwrap();
        rooms[n as usize % 20].broadcast(&n.to_string()).unwrap();
    }
    drop((set, rooms));
    let set = self::set(&Sqlite::open(folder.file()).unwrap());
    set.subscribe(LastEventId::none()).opened().await;
    assert_eq!(set.position().offset(), 1000);
    for n in 0..20 {
        let room = set.room(n);
        room.subscribe(LastEventId::none()).opened().await;
        assert_eq!(room.position().offset(), 50);
    }
}

async fn goes_down_and_comes_back(down: &str, up: &str) {
    let folder = Folder::new();
    let store = Sqlite::open(folder.file()).unwrap();
    let set = ClientSet::builder().when_down(WhenDown::Hold(2)).store(store.log("set")).build();
    let large = "7".repeat(64 << 10);
    let first = set.broadcast(&large).unwrap().await.unwrap();
    let (down, up) = (down.to_owned(), up.to_owned());
    store.tamper(move |file| file.connection.execute_batch(&down).unwrap());
    let mut health = set.watch_health();
    let receipts = [0; 2].map(|_| set.broadcast(&large).unwrap());
    health.changed().await.unwrap();
    assert!(matches!(set.health(), Health::Down { .. }));
    let refused = set.broadcast(&large);
    assert!(matches!(refused, Err(BroadcastError::Full { held: 2 })), "{refused:?}");
    let mut reader = set.subscribe(Position::new(first.epoch(), 0).into());
    assert!(matches!(reader.recv().await, Some(Delivery::Message { .. })), "readers are served");
    assert!(reader.recv().now_or_never().is_none());
    store.tamper(move |file| file.connection.execute_batch(&up).unwrap());
    for receipt in receipts {
        assert!(receipt.await.unwrap().offset() > 1);
        assert!(matches!(reader.recv().await, Some(Delivery::Message { .. })));
    }
    assert_eq!(set.health(), Health::Up);
}

#[tokio::test]
async fn while_the_disk_is_full_readers_are_served_and_messages_wait() {
    goes_down_and_comes_back("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000").await;
}

#[tokio::test]
async fn while_the_file_cannot_be_written_readers_are_served_and_messages_wait() {
    goes_down_and_comes_back("PRAGMA query_only = 1", "PRAGMA query_only = 0").await;
}

#[tokio::test]
async fn what_the_set_does_not_keep_is_removed() {
    let folder = Folder::new();
    let set = ClientSet::builder();
    let set = set.max_bytes(20_000).store(Sqlite::open(folder.file()).unwrap().log("set")).build();
    let mut last = None;
    for n in 0..50 {
        last = Some(set.broadcast(&format!("{n:02000}")).unwrap().await.unwrap());
    }
    let last = last.unwrap();
    drop(set);
    let file = Connection::open(folder.file()).unwrap();
    let kept: u32 = file.query_row("SELECT count(*) FROM entry", [], |row| row.get(0)).unwrap();
    let kept = u64::from(kept);
    assert!((2..=10).contains(&kept), "{kept}");
    drop(file);
    let set = self::set(&Sqlite::open(folder.file()).unwrap());
    let at = |back| Position::new(last.epoch(), last.offset() - back);
    assert_eq!(comes_back(&set, at(kept)).await, Ok((50 - kept..50).collect()));
    assert_eq!(comes_back(&set, at(kept + 1)).await, Err(ResetReason::Expired));
}

/// Until the clock by which logs are told apart has gone on.
fn a_millisecond() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let before = now();
    while now() <= before {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn of_too_many_logs_the_oldest_are_let_go_and_who_comes_back_is_told() {
    let folder = Folder::new();
    let store = Sqlite::open(folder.file()).unwrap();
    store.tamper(|file| file.most_logs = 5);
    let set = set(&store);
    let first = send(&set.room("first"), 0..3).await;
    for n in 0..5 {
        a_millisecond();
        send(&set.room(n), 0..1).await;
    }
    drop((set, store));
    let set = self::set(&Sqlite::open(folder.file()).unwrap());
    for at in 0..=3 {
        let told = comes_back(&set.room("first"), Position::new(first.epoch(), at)).await;
        assert_eq!(told, Err(ResetReason::Epoch), "{at}");
    }
    assert_eq!(send(&set.room("first"), 0..1).await.offset(), 1);
    send(&set.room(4), 1..2).await;
    assert_eq!(set.room(4).position().offset(), 2, "the others are there");
}

#[test]
fn a_file_of_another_is_left_alone_and_one_in_use_is_told() {
    let folder = Folder::new();
    fs::write(folder.file(), "no database, but as long as the head of one is: ".repeat(30))
        .unwrap();
    assert!(matches!(Sqlite::open(folder.file()), Err(OpenError::Foreign { .. })));
    fs::remove_file(folder.file()).unwrap();
    Connection::open(folder.file()).unwrap().execute_batch("CREATE TABLE mine (a)").unwrap();
    assert!(matches!(Sqlite::open(folder.file()), Err(OpenError::Foreign { .. })));
    fs::remove_file(folder.file()).unwrap();
    let first = Sqlite::open(folder.file()).unwrap();
    let second = Sqlite::open(folder.file()).unwrap_err();
    assert!(matches!(second, OpenError::InUse { .. }), "{second}");
    drop(first);
    drop(Sqlite::open(folder.file()).unwrap());
    Connection::open(folder.file()).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
    let newer = Sqlite::open(folder.file()).unwrap_err();
    assert!(matches!(newer, OpenError::Newer { version: 9, known: 1, .. }), "{newer}");
    let nowhere = Sqlite::open(folder.0.join("none/ereo.db")).unwrap_err();
    assert!(matches!(nowhere, OpenError::Failed { .. }), "{nowhere}");
}
