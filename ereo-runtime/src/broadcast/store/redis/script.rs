//! The scripts, and what they answer as values.

use std::time::Duration;

use redis::{Script, Value, from_redis_value};

use super::trouble::Trouble;
use crate::broadcast::store::{Kept, LogKey};
use crate::log::{Epoch, Epochs};

/// Bytes before a message in its entry: the format, the time and the producer.
const HEAD: usize = 1 + 8 + 8;

/// The format of entries, and of what is published.
const FORMAT: u8 = 1;

pub(super) struct Scripts {
    pub(super) append: Script,
    pub(super) read: Script,
    pub(super) members: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            append: Script::new(concat!(include_str!("log.lua"), include_str!("append.lua"))),
            read: Script::new(concat!(include_str!("log.lua"), include_str!("read.lua"))),
            members: Script::new(concat!(include_str!("log.lua"), include_str!("members.lua"))),
        }
    }

    /// For each of them the script that is loaded.
    pub(super) fn all(&self) -> [redis::ScriptInvocation<'_>; 3] {
        [&self.append, &self.read, &self.members].map(Script::prepare_invoke)
    }
}

/// The names of a log's keys: of one slot of a cluster.
pub(super) fn key(log: &LogKey, of: &str) -> String {
    format!("ereo:{{{}}}:{of}", log.as_str())
}

/// The channel of a log. Channels are those of all databases of a server.
pub(super) fn channel(log: &LogKey, database: i64) -> String {
    key(log, &format!("c{database}"))
}

/// A chain as it stands in the hash.
pub(super) fn chain(current: &str, ended: &str) -> Result<Epochs, Trouble> {
    let wrong = || Trouble::Garbled(format!("the epochs {ended}{current}"));
    let epoch =
        |text: &str| u64::from_str_radix(text, 16).map(Epoch::from_bits).map_err(|_| wrong());
    let ended = ended.split_terminator(',').map(|stretch| {
        let (name, end) = stretch.split_once(':').ok_or_else(wrong)?;
        Ok((epoch(name)?, end.parse::<u64>().map_err(|_| wrong())?))
    });
    let ended = ended.collect::<Result<Vec<_>, Trouble>>()?;
    let begins = ended.iter().map(|(epoch, _)| *epoch).chain([epoch(current)?]);
    let mut begins = begins.collect::<Vec<_>>().into_iter();
    let mut epochs = Epochs::new(begins.next().ok_or_else(wrong)?);
    for ((_, end), next) in ended.iter().zip(begins) {
        epochs.begin(next, *end);
    }
    Ok(epochs)
}

/// What `append.lua` answers.
pub(super) struct Placed {
    pub(super) epochs: Epochs,
    /// The first number, how many, and the first offset of each stretch.
    stretches: Vec<(u64, u64, u64)>,
}

impl Placed {
    pub(super) fn of(answer: Value) -> Result<Self, Trouble> {
        let answer = from_redis_value::<(String, String, Vec<(u64, u64, u64)>)>(answer);
        let (current, ended, stretches) = answer.map_err(Trouble::garbled)?;
        Ok(Self { epochs: chain(&current, &ended)?, stretches })
    }

    /// The offset of the producer's message of this number.
    pub(super) fn place(&self, seq: u64) -> Result<u64, Trouble> {
        let of = |&(first, count, at): &(u64, u64, u64)| {
            (first..first + count).contains(&seq).then(|| at + (seq - first))
        };
        let place = self.stretches.iter().find_map(of);
        place.ok_or_else(|| Trouble::Garbled(format!("no place of message {seq}")))
    }
}

/// What `read.lua` answers.
pub(super) struct Part {
    pub(super) epochs: Epochs,
    pub(super) head: u64,
    pub(super) entries: Vec<Kept>,
}

impl Part {
    pub(super) fn of(answer: Value) -> Result<Self, Trouble> {
        type Answer = (String, String, u64, u64, u64, Vec<Vec<u8>>);
        let answer = from_redis_value::<Answer>(answer).map_err(Trouble::garbled)?;
        let (current, ended, head, now, first, entries) = answer;
        let epochs = chain(&current, &ended)?;
        let entries = entries.into_iter().zip(first..).map(|(entry, offset)| {
            kept(entry.into(), epochs.of(offset), offset, now)
                .ok_or_else(|| Trouble::Garbled(format!("the entry at {offset}")))
        });
        Ok(Self { head, entries: entries.collect::<Result<_, _>>()?, epochs })
    }
}

fn kept(entry: bytes::Bytes, epoch: Epoch, offset: u64, now: u64) -> Option<Kept> {
    let (format, at) = (*entry.first()?, number(entry.get(1..9)?)?);
    let producer = number(entry.get(9..HEAD)?)?;
    let age = Duration::from_millis(now.saturating_sub(at));
    let kept = Kept { epoch, offset, producer, age, payload: entry.slice(HEAD..) };
    (format == FORMAT).then_some(kept)
}

fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

/// What `append.lua` has published: a format, the epoch, the first offset, and each entry behind its length. Of what is
/// none of ours comes as much as is.
pub(super) fn news(published: &bytes::Bytes) -> Vec<Kept> {
    let mut all = Vec::new();
    let head = || {
        let epoch = std::str::from_utf8(published.get(1..17)?).ok()?;
        let epoch = u64::from_str_radix(epoch, 16).ok().map(Epoch::from_bits)?;
        let first = number(published.get(17..25)?)?;
        (published.first() == Some(&FORMAT)).then_some((epoch, first))
    };
    let Some((epoch, first)) = head() else { return all };
    let mut rest = published.slice(25..);
    while let Some(length) = rest.get(..4).and_then(|length| length.try_into().ok()) {
        let end = 4 + u32::from_be_bytes(length) as usize;
        if rest.len() < end {
            break;
        }
        // They are new: nobody's clock is asked.
        let Some(kept) = kept(rest.slice(4..end), epoch, first + all.len() as u64, 0) else {
            break;
        };
        all.push(kept);
        rest = rest.slice(end..);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_read_as_it_stands_in_the_hash() {
        let epochs = chain("000000000000000c", "000000000000000a:3,000000000000000b:7,").unwrap();
        let of = [1, 3, 4, 7, 8].map(|offset| epochs.of(offset).bits());
        assert_eq!(of, [0xa, 0xa, 0xb, 0xb, 0xc]);
        for (current, ended) in [("x", ""), ("", ""), ("a", "b"), ("a", "b:x"), ("a", "y:1,")] {
            assert!(chain(current, ended).is_err(), "{current} {ended}");
        }
    }

    #[test]
    fn news_of_any_bytes_are_some_or_none() {
        let mut published = b"\x01000000000000000a".to_vec();
        published.extend(5_u64.to_be_bytes());
        for text in ["one", ""] {
            published.extend((HEAD as u32 + text.len() as u32).to_be_bytes());
            published.push(FORMAT);
            published.extend([0; 8]);
            published.extend(7_u64.to_be_bytes());
            published.extend(text.bytes());
        }
        let all = news(&published.clone().into());
        let found = all.iter().map(|kept| (kept.offset, kept.producer, &kept.payload[..]));
        assert_eq!(found.collect::<Vec<_>>(), [(5, 7, &b"one"[..]), (6, 7, b"")]);
        for end in 0..published.len() {
            assert!(news(&published[..end].to_vec().into()).len() < 2, "{end}");
        }
        published[0] = 2;
        assert!(news(&published.into()).is_empty());
    }
}
