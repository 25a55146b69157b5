//! The members of a server's logs, as presences ask for them.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use redis::{Value, from_redis_value};
use tokio::sync::{mpsc, watch};

use super::heads::Look;
use super::leases::Leases;
use super::link::Link;
use super::listener::Follow;
use super::logs::{IDLE, ask, call, fresh, milliseconds};
use super::script::key;
use super::trouble::Trouble;
use crate::broadcast::presence::Info;
use crate::broadcast::store::members::{
    Change, Changes, NodeId, Record, Roll, SharedMembers, Standing, Written,
};
use crate::broadcast::store::{Kept, LogKey, StoreError};
use crate::log::{Epoch, Position};
use crate::sync::Arc;

/// The key of a log's roll, and a part of its channel.
const ROLL: &str = "w";

pub(super) struct Members {
    pub(super) link: Arc<Link>,
    pub(super) database: i64,
    pub(super) follows: mpsc::Sender<Follow>,
    pub(super) looks: mpsc::Sender<Look>,
    pub(super) leases: Leases,
}

impl Members {
    fn channel(&self, log: &LogKey) -> String {
        key(log, &format!("{ROLL}{}", self.database))
    }
}

impl SharedMembers for Members {
    fn read(&self, log: &LogKey) -> BoxFuture<'static, Result<Roll, StoreError>> {
        let (link, key) = (Arc::clone(&self.link), key(log, ROLL));
        async move {
            let mut commands = redis::pipe();
            commands.cmd("TIME").cmd("HGETALL").arg(&key);
            Ok(roll(link.ask_all(&commands).await?, &key)?)
        }
        .boxed()
    }

    fn write(
        &self,
        log: &LogKey,
        changes: Changes,
    ) -> BoxFuture<'static, Result<Written, StoreError>> {
        let (link, keys, channel) = (Arc::clone(&self.link), [key(log, ROLL)], self.channel(log));
        let lease = self.lease();
        async move {
            let script = &link.scripts().members;
            let mut command = call(script.get_hash(), &keys);
            let Changes { node, former, grace, all } = changes;
            let former = former.into_iter().map(|node| name(node) + ",").collect::<String>();
            // It was there for as long as the lease is, behind its last word.
            let dead = grace.saturating_sub(lease);
            command.arg(fresh()).arg(channel).arg(milliseconds(IDLE)).arg(name(node)).arg(former);
            command.arg(milliseconds(grace)).arg(milliseconds(dead));
            for change in &all {
                match change {
                    Change::Here { key, connections, gives, info } => command
                        .arg("here")
                        .arg(&**key)
                        .arg(*connections)
                        .arg(u8::from(*gives))
                        .arg(info.json()),
                    Change::Dead { key, node } => command.arg("dead").arg(&**key).arg(name(*node)),
                    Change::Due { key, whatever } => {
                        command.arg("due").arg(&**key).arg(u8::from(*whatever))
                    }
                };
            }
            Ok(written(link.run(&script.prepare_invoke(), &command).await?)?)
        }
        .boxed()
    }

    fn follow(&self, log: &LogKey) -> BoxFuture<'static, Result<mpsc::Receiver<Kept>, StoreError>> {
        let channel = self.channel(log);
        ask(&self.follows, |answer| Follow { channel, answer })
    }

    fn news(&self, kept: &Kept) -> Option<Vec<(Arc<str>, Option<Record>)>> {
        changed(&kept.payload)
    }

    fn head(&self, log: &LogKey) -> BoxFuture<'static, Result<Option<Position>, StoreError>> {
        let key = key(log, ROLL);
        ask(&self.looks, |answer| Look { key, answer })
    }

    fn standing(&self) -> watch::Receiver<Standing> {
        self.leases.standing()
    }

    fn sees(&self, nodes: Vec<NodeId>) {
        self.leases.sees(nodes);
    }

    fn lease(&self) -> Duration {
        self.leases.time()
    }
}

/// A node as it is called in Redis.
pub(super) fn name(node: NodeId) -> String {
    format!("{node:016x}")
}

fn position(epoch: &str, offset: u64) -> Result<Option<Position>, Trouble> {
    if epoch.is_empty() {
        return Ok(None);
    }
    let epoch = u64::from_str_radix(epoch, 16).map_err(Trouble::garbled)?;
    Ok(Some(Position::new(Epoch::from_bits(epoch), offset)))
}

pub(super) fn time((seconds, micros): (u64, u64)) -> u64 {
    seconds * 1000 + micros / 1000
}

fn roll(answers: Vec<Value>, key: &str) -> Result<Roll, Trouble> {
    let mut answers = answers.into_iter();
    let mut next = || answers.next().unwrap_or(Value::Nil).extract_error();
    let now = time(from_redis_value(next()?).map_err(Trouble::garbled)?);
    let fields = from_redis_value::<Vec<(Vec<u8>, Vec<u8>)>>(next()?).map_err(Trouble::garbled)?;
    let (mut format, mut epoch, mut offset) = (None, None, None);
    let mut records = Vec::new();
    for (field, value) in fields {
        match &field[..] {
            b"v" => format = Some(value),
            b"e" => epoch = String::from_utf8(value).ok(),
            b"o" => offset = std::str::from_utf8(&value).ok().and_then(|value| value.parse().ok()),
            [b'k', member @ ..] => match std::str::from_utf8(member).ok().zip(record(&value)) {
                Some((member, record)) => records.push((member.into(), record)),
                None => tracing::error!(key, "a member's record is none that Ereo writes"),
            },
            _ => {}
        }
    }
    match (format, epoch, offset) {
        (None, None, None) if records.is_empty() => Ok(Roll { at: None, records, now }),
        (Some(format), Some(epoch), Some(offset)) if format == b"1" => {
            Ok(Roll { at: position(&epoch, offset)?, records, now })
        }
        (Some(format), Some(_), _) if format != b"1" => {
            Err(Trouble::Newer(String::from_utf8_lossy(&format).into_owned()))
        }
        _ => Err(Trouble::Foreign(key.to_owned())),
    }
}

fn written(answer: Value) -> Result<Written, Trouble> {
    type Answer = (String, u64, String, u64, u64, Vec<u8>);
    let answer = from_redis_value::<Answer>(answer).map_err(Trouble::garbled)?;
    let (was_epoch, was_offset, epoch, offset, now, delta) = answer;
    let before = position(&was_epoch, was_offset)?;
    let at = position(&epoch, offset)?;
    let changed = changed(&delta.into());
    let changed = changed.ok_or_else(|| Trouble::Garbled("the changes of a roll".to_owned()))?;
    Ok(Written { before, at, changed, now })
}

/// Each key behind its length, and its record behind that one's: of none where it has left.
fn changed(delta: &Bytes) -> Option<Vec<(Arc<str>, Option<Record>)>> {
    fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (part, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        *rest = behind;
        Some(part)
    }
    let (mut rest, mut changed) = (&delta[..], Vec::new());
    while !rest.is_empty() {
        let key = std::str::from_utf8(part(&mut rest)?).ok()?;
        let written = part(&mut rest)?;
        let record = if written.is_empty() { None } else { Some(record(written)?) };
        changed.push((key.into(), record));
    }
    Some(changed)
}

/// `<until> <node>:<connections>,.. <info>`.
fn record(written: &[u8]) -> Option<Record> {
    let written = std::str::from_utf8(written).ok()?;
    let mut parts = written.splitn(3, ' ');
    let until = parts.next()?.parse().ok()?;
    let nodes = parts.next()?.split_terminator(',').map(|at| {
        let (node, count) = at.split_once(':')?;
        Some((u64::from_str_radix(node, 16).ok()?, count.parse().ok()?))
    });
    let nodes = nodes.collect::<Option<_>>()?;
    let info = Info::kept(parts.next()?)?;
    Some(Record { until: (until > 0).then_some(until), nodes, info })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_the_script_writes_it() {
        let here =
            record(b"0 000000000000000a:2,00000000000000ff:1, {\"name\": \"Ann Lee\"}").unwrap();
        assert_eq!((here.until, here.nodes), (None, vec![(10, 2), (255, 1)]));
        assert_eq!(here.info.json(), r#"{"name": "Ann Lee"}"#);
        let away = record(b"1700000000000  null").unwrap();
        assert_eq!((away.until, away.nodes), (Some(1_700_000_000_000), vec![]));
        let none = ["", "0", "0 a:1,", "x  null", "0 a1, null", "0 a:x, null", "0  {", "-1  1"];
        for none in none {
            assert!(record(none.as_bytes()).is_none(), "{none}");
        }
    }

    #[test]
    fn changes_of_any_bytes_are_some_or_none() {
        let mut delta = Vec::new();
        for (key, record) in [("ann", "0 a:1, 7"), ("ben", "")] {
            for part in [key, record] {
                delta.extend((part.len() as u32).to_be_bytes());
                delta.extend(part.bytes());
            }
        }
        let all = changed(&delta.clone().into()).unwrap();
        assert_eq!((&*all[0].0, &*all[1].0), ("ann", "ben"));
        assert!(all[0].1.is_some() && all[1].1.is_none());
        for end in 1..delta.len() {
            assert!(
                changed(&delta[..end].to_vec().into()).is_none_or(|all| all.len() < 2),
                "{end}"
            );
        }
    }
}
