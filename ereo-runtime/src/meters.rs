//! Counters, gauges and histograms of the `metrics` facade; without the feature `metrics` nothing is counted.

#[cfg(feature = "metrics")]
pub(crate) use metrics::{counter, gauge, histogram};

#[cfg(not(feature = "metrics"))]
pub(crate) use none::{Meter, counter, gauge, histogram};

#[cfg(not(feature = "metrics"))]
mod none {
    /// What is told to it is forgotten.
    pub(crate) struct Meter;

    impl Meter {
        pub(crate) fn increment<N>(self, _: N) {}

        pub(crate) fn decrement<N>(self, _: N) {}

        pub(crate) fn record<N>(self, _: N) {}

        pub(crate) fn set<N>(self, _: N) {}
    }

    /// Labels are named, so that what is known for them alone is no dead code, and never made.
    macro_rules! meter {
        ($name:expr $(, $key:literal => $value:expr)*) => {{
            if false {
                let _ = (&$name, $(&$value,)*);
            }
            $crate::meters::Meter
        }};
        ($name:expr, $labels:expr) => {{
            if false {
                let _ = $labels;
            }
            $crate::meters::Meter
        }};
    }

    pub(crate) use meter as counter;
    pub(crate) use meter as gauge;
    pub(crate) use meter as histogram;
}
