//! The logs of a file: what is appended to them, and what they keep.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::file::File;
use crate::broadcast::store::{Appended, Batch, From, Kept, Limit, LogKey, Page};
use crate::log::{Epoch, Epochs};

/// So large a part of the logs is let go of at once where there is one too many.
const LET_GO: i64 = 100;

/// A log's row.
struct Row {
    id: i64,
    head: u64,
    epochs: Epochs,
    life: i64,
}

impl File {
    /// Appends all of them, or nothing.
    pub(super) fn append<'a>(
        &mut self,
        batches: impl Iterator<Item = (&'a LogKey, &'a Batch)>,
    ) -> rusqlite::Result<Vec<Appended>> {
        let at = now();
        let (life, most, mut logs) = (self.life, self.most_logs, self.logs);
        let behavior = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let appended = batches.map(|(log, batch)| {
            let row = match Row::of(&transaction, log)? {
                Some(row) => row,
                None => {
                    if logs >= most {
                        logs -= let_go(&transaction, (most / LET_GO).max(1))?;
                    }
                    logs += 1;
                    Row::new(&transaction, log, at)?
                }
            };
            row.append(&transaction, life, at, batch)
        });
        let appended = appended.collect::<rusqlite::Result<_>>()?;
        transaction.commit()?;
        self.logs = logs;
        Ok(appended)
    }

    pub(super) fn read(&self, log: &LogKey, from: From, limit: Limit) -> rusqlite::Result<Page> {
        let Some(row) = Row::of(&self.connection, log)? else {
            let epochs = Epochs::new(unwritten(&self.connection, log)?);
            return Ok(Page { epochs, head: 0, entries: Vec::new() });
        };
        let Row { id, head, epochs, .. } = row;
        let (order, behind) = match from {
            From::Behind(offset) => ("ASC", offset),
            From::Newest => ("DESC", 0),
        };
        let sql = format!(
            "SELECT place, at, payload FROM entry WHERE log = ?1 AND place > ?2 ORDER BY place {order} LIMIT ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let count = i64::try_from(limit.count).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![id, number(behind), count])?;
        let (mut entries, mut bytes, now) = (Vec::new(), 0, now());
        while let Some(row) = rows.next()? {
            let (offset, at) = (row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?);
            let payload = row.get::<_, Vec<u8>>(2)?;
            bytes += payload.len();
            if bytes > limit.bytes && !entries.is_empty() {
                break;
            }
            entries.push(Kept {
                epoch: epochs.of(offset),
                offset,
                producer: 0,
                // Of a clock that was put back, it is new.
                age: Duration::from_millis(u64::try_from(now - at).unwrap_or_default()),
                payload: payload.into(),
            });
        }
        if matches!(from, From::Newest) {
            entries.reverse();
        }
        Ok(Page { epochs, head, entries })
    }
}

impl Row {
    fn of(file: &Connection, log: &LogKey) -> rusqlite::Result<Option<Self>> {
        let mut statement =
            file.prepare_cached("SELECT id, head, epoch, ended, life FROM log WHERE name = ?1")?;
        let row = |row: &rusqlite::Row<'_>| {
            let epoch: i64 = row.get(2)?;
            let ended: Vec<u8> = row.get(3)?;
            Ok(Self {
                id: row.get(0)?,
                head: row.get::<_, i64>(1)?.cast_unsigned(),
                epochs: chain(&ended, Epoch::from_bits(epoch.cast_unsigned())),
                life: row.get(4)?,
            })
        };
        statement.query_row([log.as_str()], row).optional()
    }

    fn new(file: &Connection, log: &LogKey, at: i64) -> rusqlite::Result<Self> {
        let epoch = unwritten(file, log)?;
        let mut statement = file.prepare_cached(
            "INSERT INTO log (name, head, epoch, ended, life, at) VALUES (?1, 0, ?2, x'', 0, ?3)",
        )?;
        let id = statement.insert(params![log.as_str(), epoch.bits().cast_signed(), at])?;
        Ok(Self { id, head: 0, epochs: Epochs::new(epoch), life: 0 })
    }

    /// Appends in the epoch of this life of the file, which begins behind what was found in it.
    fn append(
        mut self,
        file: &Connection,
        life: i64,
        at: i64,
        batch: &Batch,
    ) -> rusqlite::Result<Appended> {
        if self.life != life {
            self.epochs.begin(Epoch::random(), self.head);
        }
        let mut insert = file.prepare_cached(
            "INSERT INTO entry (log, place, at, payload) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let mut places = Vec::with_capacity(batch.drafts.len());
        for draft in &batch.drafts {
            self.head += 1;
            insert.execute(params![self.id, number(self.head), at, &draft.payload[..]])?;
            places.push(self.head);
        }
        let mut remove = file.prepare_cached("DELETE FROM entry WHERE log = ?1 AND place < ?2")?;
        remove.execute(params![self.id, number(batch.oldest)])?;
        let mut update = file.prepare_cached(
            "UPDATE log SET head = ?2, epoch = ?3, ended = ?4, life = ?5, at = ?6 WHERE id = ?1",
        )?;
        let epoch = self.epochs.current().bits().cast_signed();
        let ended: Vec<u8> = self.epochs.ended().iter().flat_map(stretch).collect();
        update.execute(params![self.id, number(self.head), epoch, ended, life, at])?;
        Ok(Appended { epochs: self.epochs, places })
    }
}

/// The epoch of a log before anything is appended to it, in every life of the file. What is appended never has it, so
/// that whoever comes back with it has seen nothing.
fn unwritten(file: &Connection, log: &LogKey) -> rusqlite::Result<Epoch> {
    let seed: i64 = file.query_row("SELECT seed FROM file", [], |row| row.get(0))?;
    let mut hash = DefaultHasher::new();
    (seed, log.as_str()).hash(&mut hash);
    Ok(Epoch::from_bits(hash.finish().max(1)))
}

/// Lets go of the logs that were not appended to for longest; how many. Who comes back to one is told: also who has
/// seen nothing of it, as the seed is another.
fn let_go(file: &Connection, count: i64) -> rusqlite::Result<i64> {
    file.execute(
        "DELETE FROM entry WHERE log IN (SELECT id FROM log ORDER BY at LIMIT ?1)",
        [count],
    )?;
    file.execute("UPDATE file SET seed = ?1", [rand::random::<i64>()])?;
    let sql = "DELETE FROM log WHERE id IN (SELECT id FROM log ORDER BY at LIMIT ?1)";
    Ok(i64::try_from(file.execute(sql, [count])?).unwrap_or(count))
}

fn chain(ended: &[u8], current: Epoch) -> Epochs {
    let numbers = ended
        .chunks_exact(8)
        .map(|bytes| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
    let mut numbers = numbers.fuse();
    let mut stretches = Vec::new();
    while let (Some(epoch), Some(end)) = (numbers.next(), numbers.next()) {
        stretches.push((Epoch::from_bits(epoch), end));
    }
    let epochs = stretches.iter().map(|(epoch, _)| *epoch).chain([current]);
    let mut epochs = epochs.collect::<Vec<_>>().into_iter();
    let mut chain = Epochs::new(epochs.next().unwrap_or(current));
    for ((_, end), epoch) in stretches.iter().zip(epochs) {
        chain.begin(epoch, *end);
    }
    chain
}

fn stretch(stretch: &crate::log::Stretch) -> impl Iterator<Item = u8> + use<> {
    [stretch.epoch.bits(), stretch.end].into_iter().flat_map(u64::to_be_bytes)
}

/// Places fit: one more a nanosecond would take three hundred years.
fn number(place: u64) -> i64 {
    place.cast_signed()
}

/// Unix time in milliseconds.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
