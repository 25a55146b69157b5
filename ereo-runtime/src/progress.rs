//! Progress of a connection's readers, for the inspector to see from another thread. Without the
//! feature `inspector` there is nothing of it: no bytes, no instruction.

#[cfg(feature = "inspector")]
pub(crate) use seen::{Progress, Readings, RelayMark};
#[cfg(not(feature = "inspector"))]
pub(crate) use unseen::{Progress, RelayMark};

#[cfg(feature = "inspector")]
mod seen {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::{Arc, Weak};

    use smallvec::SmallVec;

    use crate::charge::payer;
    use crate::sync::{Mutex, lock};

    /// The readers of one connection: most have one.
    #[derive(Debug, Default)]
    pub(crate) struct Readings(Mutex<SmallVec<[Weak<Reading>; 1]>>);

    impl Readings {
        fn add(&self, reading: &Arc<Reading>) {
            let mut all = lock(&self.0);
            all.retain(|reading| reading.strong_count() > 0);
            all.push(Arc::downgrade(reading));
        }

        /// Of each reader its set, by where that is, and the offset of the message that it reads next.
        pub(crate) fn each(&self, mut see: impl FnMut(usize, u64)) {
            let all = lock(&self.0);
            for reading in all.iter().filter_map(Weak::upgrade) {
                see(reading.set, reading.cursor());
            }
        }
    }

    /// Written by the connection's thread alone, with plain stores.
    #[derive(Debug)]
    struct Reading {
        set: usize,
        cursor: AtomicU64,
        /// Whether a relay reads in its place, and which.
        relayed: AtomicBool,
        relay: Mutex<RelayMark>,
    }

    impl Reading {
        fn cursor(&self) -> u64 {
            let own = self.cursor.load(Ordering::Relaxed);
            if !self.relayed.load(Ordering::Acquire) {
                return own;
            }
            let relay = lock(&self.relay);
            own.max(relay.0.load(Ordering::Relaxed))
        }
    }

    /// How far a relay has sent to all of its group: one number for all, so that a delivery writes none.
    #[derive(Debug, Default, Clone)]
    pub(crate) struct RelayMark(Arc<AtomicU64>);

    impl RelayMark {
        /// All members have been sent what stands before `cursor`, or were given back to their own tasks.
        pub(crate) fn come_to(&self, cursor: u64) {
            self.0.store(cursor, Ordering::Relaxed);
        }
    }

    /// How far one reader is. Nothing, where its connection is none that the inspector knows.
    #[derive(Debug, Default, Clone)]
    pub(crate) struct Progress(Option<Arc<Reading>>);

    impl Progress {
        /// Of the connection whose code runs here: a reader of the set at this place, which begins at `cursor`.
        pub(crate) fn begin(set: usize, cursor: u64) -> Self {
            Self(payer().and_then(|payer| payer.readings()).map(|readings| {
                let (cursor, relayed) = (AtomicU64::new(cursor), AtomicBool::new(false));
                let reading = Reading { set, cursor, relayed, relay: Mutex::default() };
                let reading = Arc::new(reading);
                readings.add(&reading);
                reading
            }))
        }

        /// It reads the message at `cursor` next, by itself.
        #[inline]
        pub(crate) fn reaches(&self, cursor: u64) {
            if let Some(reading) = &self.0 {
                reading.cursor.store(cursor, Ordering::Relaxed);
                reading.relayed.store(false, Ordering::Release);
            }
        }

        /// The relay that read in its place has sent it what stands before `cursor`.
        pub(crate) fn is_handed_back(&self, cursor: u64) {
            if let Some(reading) = &self.0
                && reading.relayed.load(Ordering::Relaxed)
            {
                self.reaches(cursor);
            }
        }

        /// From now on a relay reads in its place.
        pub(crate) fn is_relayed(&self, mark: &RelayMark) {
            if let Some(reading) = &self.0 {
                *lock(&reading.relay) = mark.clone();
                reading.relayed.store(true, Ordering::Release);
            }
        }

        /// The relay that read in its place before does so again.
        pub(crate) fn is_relayed_again(&self) {
            if let Some(reading) = &self.0 {
                reading.relayed.store(true, Ordering::Release);
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use std::rc::Rc;
        use std::time::Duration;

        use super::*;
        use crate::charge::{Payer, paying};

        struct Connection(Arc<Readings>);

        impl Payer for Connection {
            fn pay(self: Rc<Self>, _: u64) -> Result<(), Duration> {
                Ok(())
            }

            fn readings(&self) -> Option<Arc<Readings>> {
                Some(Arc::clone(&self.0))
            }
        }

        fn seen(readings: &Readings) -> Vec<(usize, u64)> {
            let mut all = Vec::new();
            readings.each(|set, cursor| all.push((set, cursor)));
            all
        }

        #[test]
        fn a_reader_is_where_it_reads_or_where_its_relay_is() {
            let readings = Arc::<Readings>::default();
            let connection = || Rc::new(Connection(Arc::clone(&readings)));
            let one = paying(connection(), || Progress::begin(7, 5));
            assert_eq!(seen(&readings), [(7, 5)]);
            let mark = RelayMark::default();
            one.is_relayed(&mark);
            // The relay's round is not over.
            assert_eq!(seen(&readings), [(7, 5)]);
            mark.come_to(9);
            assert_eq!(seen(&readings), [(7, 9)]);
            // Given back: it was not sent the last.
            one.is_handed_back(8);
            one.is_handed_back(6);
            mark.come_to(12);
            assert_eq!(seen(&readings), [(7, 8)]);
            one.is_relayed_again();
            assert_eq!(seen(&readings), [(7, 12)]);
            let other = paying(connection(), || Progress::begin(8, 1));
            drop(one);
            assert_eq!(seen(&readings), [(8, 1)]);
            drop(other);
            assert!(Progress::begin(8, 1).0.is_none(), "nobody's code");
        }
    }
}

#[cfg(not(feature = "inspector"))]
mod unseen {
    #[derive(Debug, Default)]
    pub(crate) struct RelayMark;

    impl RelayMark {
        pub(crate) fn come_to(&self, _: u64) {}
    }

    #[derive(Debug, Default, Clone)]
    pub(crate) struct Progress;

    impl Progress {
        pub(crate) fn begin(_: usize, _: u64) -> Self {
            Self
        }

        #[inline]
        pub(crate) fn reaches(&self, _: u64) {}

        pub(crate) fn is_handed_back(&self, _: u64) {}

        pub(crate) fn is_relayed(&self, _: &RelayMark) {}

        pub(crate) fn is_relayed_again(&self) {}
    }
}
