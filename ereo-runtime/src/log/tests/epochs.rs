//! Every short history of a store that forgets: what readers of it see, and what they are told.
//!
//! Two stores copy each other, one of them at a time on purpose. Each may lose its newest messages (a power
//! cut, an old copy), all of them, or be put in the other's place while it lags; a publisher tries again what
//! it had no answer for. A reader's position stands for all that it has seen: whatever a store then answers,
//! there is no hole, no message twice and none other in its place, unless that is told; and it is told to
//! nobody who has seen nothing else.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};

use crate::log::epochs::Epochs;
use crate::log::position::{Epoch, Position};
use crate::log::window::{Gap, Window};

const MOST_OFFSETS: usize = 6;
const MOST_EPOCHS: u64 = 3;

/// Who appends: a process of a store, and the order that it was made the first of.
type Writer = (u8, u8);

/// By what a store knows that it may have gone back.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Another process, or another place among the copies.
    Both,
    /// Another process alone.
    Process,
    /// By nothing.
    Never,
}

#[derive(Debug, Clone, Copy)]
enum Op {
    /// At the first store, or at the one that was first and does not know that it is no longer.
    Publish {
        first: bool,
    },
    /// Once more what was published last.
    Retry,
    /// The store ends, and comes back with so many of its states.
    Restart {
        states: usize,
    },
    Flush,
    /// The other store is as the first.
    Copy,
    /// The other store is the first.
    Promote,
    Evict,
}

/// What a store keeps on disk.
#[derive(Debug, Clone, Hash)]
struct State {
    /// Everything that was appended, what has fallen out included.
    drafts: Vec<u8>,
    oldest: usize,
    ended: Vec<(u64, u64)>,
    current: u64,
    wrote: Writer,
}

#[derive(Debug, Clone, Hash)]
struct Store {
    /// The last one is what it has; the others are what it may go back to.
    states: Vec<State>,
    writer: Writer,
}

#[derive(Debug, Clone, Hash)]
struct World {
    stores: [Store; 2],
    first: usize,
    drafts: u8,
    epochs: u64,
    numbers: u8,
    /// What whoever has come to a position has seen.
    seen: BTreeMap<(u64, u64), Vec<u8>>,
}

impl State {
    fn epochs(&self) -> Epochs {
        let all: Vec<_> =
            self.ended.iter().map(|(epoch, _)| *epoch).chain([self.current]).collect();
        let mut epochs = Epochs::new(Epoch::from_bits(all[0]));
        for ((_, end), epoch) in self.ended.iter().zip(&all[1..]) {
            epochs.begin(Epoch::from_bits(*epoch), *end);
        }
        epochs
    }

    fn kept(&self) -> Window {
        Window { oldest: self.oldest as u64, next: self.drafts.len() as u64 + 1 }
    }
}

impl Store {
    fn state(&self) -> &State {
        self.states.last().expect("there is always one")
    }
}

impl World {
    fn new() -> Self {
        let state = State { drafts: vec![], oldest: 1, ended: vec![], current: 1, wrote: (0, 0) };
        let store = Store { states: vec![state], writer: (0, 0) };
        let mut other = store.clone();
        other.writer = (1, 0);
        Self {
            stores: [store, other],
            first: 0,
            drafts: 0,
            epochs: 1,
            numbers: 1,
            seen: BTreeMap::new(),
        }
    }

    fn number(&mut self) -> u8 {
        self.numbers += 1;
        self.numbers
    }

    fn ops(&self) -> Vec<Op> {
        let states = self.stores[self.first].states.len();
        let mut ops = vec![Op::Publish { first: true }, Op::Publish { first: false }];
        ops.extend([Op::Retry, Op::Flush, Op::Copy, Op::Promote, Op::Evict]);
        ops.extend((1..=states).map(|states| Op::Restart { states }));
        ops
    }

    /// Whether it can be done within the bounds.
    fn apply(&mut self, op: Op, rule: Rule) -> bool {
        let (first, other) = (self.first, 1 - self.first);
        match op {
            Op::Publish { first: at_first } => {
                self.drafts += 1;
                self.append(if at_first { first } else { other }, self.drafts, rule);
            }
            Op::Retry => {
                if self.drafts == 0 || self.stores[first].state().drafts.contains(&self.drafts) {
                    return false;
                }
                self.append(first, self.drafts, rule);
            }
            Op::Restart { states } => {
                let process = self.number();
                let store = &mut self.stores[first];
                store.states.truncate(states);
                store.writer.0 = process;
            }
            Op::Flush => {
                self.epochs += 1;
                let (current, wrote) = (self.epochs, self.stores[first].writer);
                let state = State { drafts: vec![], oldest: 1, ended: vec![], current, wrote };
                self.stores[first].states = vec![state];
            }
            Op::Copy => {
                let Store { states, writer } = self.stores[first].clone();
                self.stores[other].states = states;
                self.stores[other].writer.1 = writer.1;
            }
            Op::Promote => {
                self.first = other;
                self.stores[other].writer.1 = self.number();
            }
            Op::Evict => {
                let mut state = self.stores[first].state().clone();
                if state.oldest > state.drafts.len() {
                    return false;
                }
                state.oldest += 1;
                self.stores[first].states.push(state);
            }
        }
        let longest = self.stores.iter().map(|store| store.state().drafts.len()).max();
        self.epochs <= MOST_EPOCHS && longest <= Some(MOST_OFFSETS)
    }

    fn append(&mut self, at: usize, draft: u8, rule: Rule) {
        let store = &mut self.stores[at];
        let mut state = store.state().clone();
        let may_have_gone_back = match rule {
            Rule::Both => state.wrote != store.writer,
            Rule::Process => state.wrote.0 != store.writer.0,
            Rule::Never => false,
        };
        if may_have_gone_back {
            self.epochs += 1;
            state.ended.push((state.current, state.drafts.len() as u64));
            state.current = self.epochs;
        }
        state.wrote = store.writer;
        state.drafts.push(draft);
        store.states.push(state);
    }

    /// Every reader that has come anywhere comes back now, and others read to every place.
    fn check(&mut self) -> Result<(), String> {
        for store in &self.stores {
            let state = store.state();
            let epochs = state.epochs();
            for offset in 0..=state.drafts.len() {
                let at = (epochs.of(offset as u64).bits(), offset as u64);
                let seen = &state.drafts[..offset];
                if self.seen.entry(at).or_insert_with(|| seen.to_vec()) != seen {
                    return Err(format!("{at:?} is the place of two messages"));
                }
            }
            let last = state.drafts.len() as u64;
            for (&(epoch, offset), seen) in &self.seen {
                let resumed =
                    epochs.resume(Position::new(Epoch::from_bits(epoch), offset), state.kept());
                let wanted = if !state.drafts.starts_with(seen) {
                    Err(Gap::Unknown)
                } else if offset + 1 < state.oldest as u64 {
                    Err(Gap::Expired { missed: last - offset })
                } else {
                    Ok(offset + 1)
                };
                // Of a life that is gone as a whole, with nothing seen of it; and of a message that was
                // forgotten and has come to its place anew. Both may be told.
                let is_of_another = epochs.of(offset).bits() != epoch;
                if resumed != wanted && !(resumed == Err(Gap::Unknown) && is_of_another) {
                    return Err(format!(
                        "at {epoch}-{offset}, saw {seen:?}: {resumed:?}, not {wanted:?}"
                    ));
                }
            }
            if (1..state.drafts.len()).any(|n| state.drafts[n..].contains(&state.drafts[n - 1])) {
                return Err("a message is there twice".to_owned());
            }
        }
        Ok(())
    }
}

/// Walks every history of up to `depth` operations, and tells of the first that goes wrong.
fn walk(rule: Rule, depth: usize) -> Result<usize, (Vec<Op>, String)> {
    fn go(
        world: &World,
        rule: Rule,
        depth: usize,
        history: &mut Vec<Op>,
        been: &mut HashSet<(usize, u64)>,
    ) -> Result<(), (Vec<Op>, String)> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
        for op in world.ops() {
            let mut world = world.clone();
            if !world.apply(op, rule) {
                continue;
            }
            history.push(op);
            world.check().map_err(|why| (history.clone(), why))?;
            let mut hash = DefaultHasher::new();
            world.hash(&mut hash);
            if been.insert((depth, hash.finish())) {
                go(&world, rule, depth, history, been)?;
            }
            history.pop();
        }
        Ok(())
    }
    let mut been = HashSet::new();
    let mut world = World::new();
    world.check().map_err(|why| (vec![], why))?;
    go(&world, rule, depth, &mut Vec::new(), &mut been)?;
    Ok(been.len())
}

#[test]
fn nobody_has_a_hole_a_double_or_another_message_unsaid() {
    let states =
        walk(Rule::Both, 7).unwrap_or_else(|(after, why)| panic!("{why}; after {after:?}"));
    assert!(states > 10_000, "{states}");
}

#[test]
fn without_the_rule_a_place_is_given_to_two_messages() {
    let (after, why) = walk(Rule::Never, 4).expect_err("nothing begins another epoch");
    assert!(why.contains("two messages"), "{why}; after {after:?}");
}

/// A store that was first, became a copy and is the first again is the same process.
#[test]
fn the_process_alone_does_not_tell_that_a_store_has_gone_back() {
    let (after, why) = walk(Rule::Process, 7).expect_err("it is the same process");
    assert!(why.contains("two messages") || why.contains("saw"), "{why}; after {after:?}");
}
