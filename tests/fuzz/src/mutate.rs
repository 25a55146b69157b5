//! Mutations of an input: what libFuzzer does, without its knowledge of what a mutation reached.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// No input is longer.
const MOST: usize = 16 << 10;

/// Numbers at which something changes: lengths of frames, signs, powers of two.
const BYTES: [u8; 10] = [0, 1, 0x20, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0xfe, 0xff];

/// Inputs in an order that depends on nothing but the seed and the corpus.
pub struct Mutator<'a> {
    random: StdRng,
    corpus: &'a [Vec<u8>],
    dictionary: &'a [&'a [u8]],
}

impl<'a> Mutator<'a> {
    /// Of these inputs, with these tokens.
    pub fn new(seed: u64, corpus: &'a [Vec<u8>], dictionary: &'a [&'a [u8]]) -> Self {
        Self { random: StdRng::seed_from_u64(seed), corpus, dictionary }
    }

    /// Another input.
    pub fn make(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        for _ in 0..self.random.random_range(1..=6) {
            self.mutate(&mut input);
        }
        input.truncate(MOST);
        input
    }

    /// One of the corpus.
    fn seed(&mut self) -> Vec<u8> {
        if self.corpus.is_empty() {
            return Vec::new();
        }
        self.corpus[self.random.random_range(0..self.corpus.len())].clone()
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let at = self.random.random_range(0..=input.len());
        let end = at + self.random.random_range(0..=(input.len() - at).min(64));
        match self.random.random_range(0..10) {
            0 | 1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.random.random_range(0..8);
                }
            }
            2 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = BYTES[self.random.random_range(0..BYTES.len())];
                }
            }
            3 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = self.random.random();
                }
            }
            4 => drop(input.drain(at..end)),
            5 => {
                // A piece once more, a few times or often.
                let piece = input[at..end].repeat(1 << self.random.random_range(0..8));
                input.splice(at..at, piece);
            }
            6 => input.truncate(at),
            // A token, between the others or over them.
            7 | 8 if !self.dictionary.is_empty() => {
                let token = self.dictionary[self.random.random_range(0..self.dictionary.len())];
                let over = self.random.random_bool(0.3);
                let end = if over { input.len().min(at + token.len()) } else { at };
                input.splice(at..end, token.iter().copied());
            }
            _ => {
                // The end of another input.
                let other = self.seed();
                input.truncate(at);
                input.extend(&other[self.random.random_range(0..=other.len())..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_order_of_inputs() {
        let corpus = [b"permessage-deflate".to_vec(), b"{}".to_vec()];
        let inputs = |seed| {
            let mut mutator = Mutator::new(seed, &corpus, &[b"; a=1"]);
            (0..200).map(|_| mutator.make()).collect::<Vec<_>>()
        };
        assert_eq!(inputs(1), inputs(1));
        assert_ne!(inputs(1), inputs(2));
        assert!(inputs(1).iter().all(|input| input.len() <= MOST));
    }
}
