//! A list whose places keep their numbers, as a slab's do, in blocks.
//!
//! What every connection of a thread has a place for would grow, as one piece, by moving to another that is
//! twice as large. In blocks it takes what it needs, and what a connection has left behind when it left
//! actix: the cell of its task is a little larger than a block, and of little use to anybody else, since
//! small pieces that stay have filled the gaps which the next cell's alignment asks for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::{Index, IndexMut};

use slab::Slab;

/// Bytes of a block: no more than an actix connection's task leaves in the heap.
const BLOCK: usize = 2_800;

/// See the module.
#[derive(Debug)]
pub(crate) struct BlockSlab<T> {
    /// Empty, a block has no memory. The last is not empty.
    blocks: Vec<Slab<T>>,
    /// Those with room. The first is filled first, so that the last become empty.
    open: BinaryHeap<Reverse<u32>>,
    taken: usize,
}

impl<T> BlockSlab<T> {
    /// BlockSlab in a block.
    const ROOM: usize = {
        // As a slab has it: a thing, or the number of the next free place.
        let room = BLOCK / size_of::<Result<T, usize>>();
        if room == 0 { 1 } else { room }
    };

    pub(crate) const fn new() -> Self {
        Self { blocks: Vec::new(), open: BinaryHeap::new(), taken: 0 }
    }

    /// How many are taken.
    pub(crate) fn len(&self) -> usize {
        self.taken
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.taken == 0
    }

    /// Behind the last number.
    pub(crate) fn end(&self) -> u32 {
        (self.blocks.len() * Self::ROOM) as u32
    }

    /// Takes a place. Nobody has as many things as there are numbers: each belongs to a socket.
    pub(crate) fn insert(&mut self, thing: T) -> u32 {
        let index = self.open_block();
        let block = &mut self.blocks[index];
        if block.capacity() == 0 {
            *block = Slab::with_capacity(Self::ROOM);
        }
        let inner = block.insert(thing);
        if block.len() == Self::ROOM {
            self.open.pop();
        }
        self.taken += 1;
        (index * Self::ROOM + inner) as u32
    }

    /// The first block with room.
    fn open_block(&mut self) -> usize {
        let Some(Reverse(index)) = self.open.peek() else {
            let index = self.blocks.len();
            self.blocks.push(Slab::new());
            self.open.push(Reverse(index as u32));
            return index;
        };
        *index as usize
    }

    /// Gives a place back.
    ///
    /// # Panics
    /// When nothing is there.
    pub(crate) fn remove(&mut self, place: u32) -> T {
        let (index, inner) = Self::split(place);
        let block = &mut self.blocks[index];
        let was_full = block.len() == Self::ROOM;
        let thing = block.remove(inner);
        if block.is_empty() {
            *block = Slab::new();
        }
        if was_full {
            self.open.push(Reverse(index as u32));
        }
        self.taken -= 1;
        self.drop_last();
        thing
    }

    /// Nobody has a number of the last blocks any more, where they are empty.
    fn drop_last(&mut self) {
        let empty = self.blocks.iter().rev().take_while(|block| block.is_empty()).count();
        if empty > 0 {
            let left = self.blocks.len() - empty;
            self.blocks.truncate(left);
            self.open.retain(|Reverse(index)| (*index as usize) < left);
        }
    }

    pub(crate) fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        let (index, inner) = Self::split(place);
        self.blocks.get_mut(index)?.get_mut(inner)
    }

    /// All that are there, whose places are free from now on.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = T> + use<T> {
        let blocks = std::mem::replace(self, Self::new()).blocks;
        blocks.into_iter().flat_map(|block| block.into_iter().map(|(_, thing)| thing))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.blocks.iter_mut().flat_map(|block| block.iter_mut().map(|(_, thing)| thing))
    }

    fn split(place: u32) -> (usize, usize) {
        let place = place as usize;
        (place / Self::ROOM, place % Self::ROOM)
    }
}

impl<T> Index<u32> for BlockSlab<T> {
    type Output = T;

    fn index(&self, place: u32) -> &T {
        let (index, inner) = Self::split(place);
        &self.blocks[index][inner]
    }
}

impl<T> IndexMut<u32> for BlockSlab<T> {
    fn index_mut(&mut self, place: u32) -> &mut T {
        let (index, inner) = Self::split(place);
        &mut self.blocks[index][inner]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Five in a block.
    type Large = [u64; 69];

    fn large(number: u64) -> Large {
        [number; 69]
    }

    #[test]
    fn blocks_are_as_large_as_said_and_given_back() {
        assert_eq!((BlockSlab::<Large>::ROOM, BlockSlab::<[u64; 1_000]>::ROOM), (5, 1));
        assert_eq!(BlockSlab::<Box<u64>>::ROOM, BLOCK / 16);
        let mut places = BlockSlab::new();
        let taken: Vec<_> = (0..12).map(|number| places.insert(large(number))).collect();
        assert_eq!((places.len(), places.end(), places.blocks.len()), (12, 15, 3));
        assert!(places.blocks.iter().all(|block| block.capacity() == 5));
        for place in &taken[5..10] {
            places.remove(*place);
        }
        assert_eq!(places.blocks[1].capacity(), 0);
        // They come back to places that were left, and to no new block.
        let again: Vec<_> = (0..8).map(|number| places.insert(large(number))).collect();
        assert!(again.iter().all(|place| *place < 15));
        assert_eq!((places.len(), places.blocks.len()), (15, 3));
        for place in 3..15 {
            places.remove(place);
        }
        assert_eq!((places.len(), places.end(), places.blocks.len()), (3, 5, 1));
        assert!(places.insert(large(0)) < 5);
    }

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec(any::<Option<prop::sample::Index>>(), 0..200)) {
            let (mut places, mut model) = (BlockSlab::new(), BTreeMap::new());
            for (number, step) in (0..).zip(steps) {
                match step.filter(|_| !model.is_empty()) {
                    None => {
                        let place = places.insert(large(number));
                        prop_assert!(place < places.end());
                        prop_assert_eq!(model.insert(place, number), None);
                    }
                    Some(index) => {
                        let place = *index.get(&model.keys().copied().collect::<Vec<_>>());
                        prop_assert_eq!(Some(places.remove(place)[0]), model.remove(&place));
                        prop_assert!(places.get_mut(place).is_none());
                    }
                }
                prop_assert_eq!((places.len(), places.is_empty()), (model.len(), model.is_empty()));
            }
            for (place, number) in &model {
                prop_assert_eq!(places[*place][0], *number);
                places[*place][1] = 7;
            }
            let all: Vec<_> = places.iter_mut().map(|thing| (thing[0], thing[1])).collect();
            let expected: Vec<_> = model.values().map(|number| (*number, 7)).collect();
            prop_assert_eq!(all, expected);
        }
    }
}
