//! The greatest of many, in as much memory as they take themselves.

/// Keeps the `most` items with the greatest keys.
pub(super) struct Ranks<T> {
    most: usize,
    /// Up to twice as many, so that most items cost a comparison.
    items: Vec<(u64, T)>,
    /// What an item must exceed, once there are enough.
    least: Option<u64>,
}

impl<T> Ranks<T> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, items: Vec::new(), least: None }
    }

    pub(super) fn offer(&mut self, key: u64, item: impl FnOnce() -> T) {
        if self.least.is_some_and(|least| key <= least) {
            return;
        }
        self.items.push((key, item()));
        if self.items.len() >= 2 * self.most {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.items.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
        self.items.truncate(self.most);
        if self.items.len() == self.most {
            self.least = self.items.last().map(|(key, _)| *key);
        }
    }

    /// The greatest first; equals in the order in which they were offered.
    pub(super) fn finish(mut self) -> impl Iterator<Item = T> {
        self.cut();
        self.items.into_iter().map(|(_, item)| item)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_the_greatest_in_order(keys in prop::collection::vec(0_u64..50, 0..400), most in 1_usize..20) {
            let mut ranks = Ranks::new(most);
            for key in &keys {
                ranks.offer(*key, || *key);
                prop_assert!(ranks.items.len() <= 2 * most);
            }
            let mut sorted = keys.clone();
            sorted.sort_by_key(|key| std::cmp::Reverse(*key));
            sorted.truncate(most);
            prop_assert_eq!(ranks.finish().collect::<Vec<_>>(), sorted);
        }
    }
}
