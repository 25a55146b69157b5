//! What is kept takes no more memory than is said, however it is sent and read: counted by the allocator.

use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde::Serialize;

use crate::broadcast::core::LogReader;
use crate::broadcast::set::ClientSet;
use crate::log::Next;
use crate::message::{EncodeError, Event, Message, Payload};
use crate::sync::Arc;
use crate::wire::{Form, Format, Framing};

const LIMIT: usize = 1 << 18;

const EVENTS: Format = Format::Events(Framing::Chunks);
const FRAMES: Format = Format::Frames(Form::Plain);

fn deflated(bits: u8) -> Format {
    Format::Frames(Form::shared(bits))
}

#[derive(Clone, Serialize)]
struct Chat {
    from: String,
    text: String,
}

impl Message for Chat {
    fn to_event(&self) -> Result<Event, EncodeError> {
        Event::json(self)
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        crate::message::json_payload(self)
    }
}

/// As many bytes of text, half of which is left when it is compressed.
fn text(size: usize) -> String {
    let mut random = SmallRng::seed_from_u64(size as u64);
    (0..size).map(|_| char::from(b'a' + (random.next_u32() % 16) as u8)).collect()
}

/// A set that was filled twice over, with readers of these kinds from the start, and then read in all of
/// `later`, from the oldest message that is kept.
fn filled<T>(message: &T, before: &[Format], later: &[Format]) -> ClientSet<T>
where
    T: Message + Clone + Send + Sync + 'static,
{
    let set = ClientSet::builder().history(usize::MAX).max_bytes(LIMIT).build();
    for wire in before {
        match wire {
            Format::Events(_) => set.core().will_read_sse(),
            Format::Frames(_) => set.core().will_read_frames(),
        }
    }
    let mut sent = 0;
    while sent < 2 * LIMIT {
        set.broadcast(message).expect("it fits");
        sent += set.core().log().bytes()
            / (set.core().window().next - set.core().window().oldest) as usize;
    }
    for wire in later {
        let mut reader = LogReader::new(Arc::clone(set.core()), set.core().window().oldest);
        while let Some(next) = reader.read() {
            match next {
                Next::Entry(offset, entry) => {
                    drop(set.core().piece(*wire, offset, &entry).expect("it can be encoded"));
                }
                Next::Lagged(kept) => drop(reader.skip_to(kept.oldest)),
                Next::Aside(_) | Next::Unreadable(_) | Next::Closed => unreachable!(),
            }
        }
    }
    set
}

/// Memory of such a set, in hundredths of what it may be.
fn percent<T>(message: &T, before: &[Format], later: &[Format]) -> i64
where
    T: Message + Clone + Send + Sync + 'static,
{
    // What a thread keeps for itself, such as compressors, was made before.
    drop(filled(message, before, later));
    let mut set = None;
    let taken = allocation_counter::measure(|| set = Some(filled(message, before, later)));
    drop(set);
    taken.bytes_current * 100 / LIMIT as i64
}

fn holds<T>(kind: &str, message: &T, before: &[Format], later: &[Format])
where
    T: Message + Clone + Send + Sync + 'static,
{
    let percent = percent(message, before, later);
    assert!((40..=105).contains(&percent), "{kind}, {before:?}, {later:?}: {percent} %");
}

#[test]
fn a_full_set_takes_what_it_may_and_not_more() {
    let cases: [(&[Format], &[Format]); 5] = [
        (&[EVENTS], &[]),
        (&[FRAMES], &[]),
        (&[EVENTS, FRAMES], &[]),
        (&[EVENTS], &[FRAMES]),
        (&[FRAMES], &[EVENTS]),
    ];
    for size in [10, 5_000] {
        let message = text(size);
        let chat = Chat { from: "somebody".to_owned(), text: message.clone() };
        let lines: String = message.chars().flat_map(|letter| [letter, '\n']).collect();
        for (before, later) in cases {
            holds("text", &message, before, later);
            holds("chat", &chat, before, later);
            holds("lines", &lines, before, later);
        }
    }
}

#[test]
fn what_is_compressed_for_readers_who_come_later_counts_as_well() {
    for size in [200, 5_000] {
        holds("text", &text(size), &[FRAMES], &[deflated(15), deflated(9), EVENTS]);
    }
}
