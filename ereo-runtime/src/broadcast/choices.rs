//! What a reader says of itself, beside what it reads.

use super::on_lag::OnLag;
use super::presence::{Stay, Whose};

/// What a reader has chosen. Boxed: most choose nothing.
#[derive(Default)]
pub struct Choices(Option<Box<Chosen>>);

#[derive(Default)]
struct Chosen {
    on_lag: Option<OnLag>,
    /// Where it is one of a member's connections.
    stay: Option<Box<Stay>>,
}

/// What a reader chooses after it has joined.
pub(crate) enum Choice {
    OnLag(OnLag),
    Stay(Box<Stay>),
}

impl Choices {
    /// What becomes of it when it lags, before what the set says.
    pub(super) fn on_lag(&self) -> Option<OnLag> {
        self.0.as_ref().and_then(|chosen| chosen.on_lag)
    }

    pub(super) fn on_lag_mut(&mut self) -> &mut Option<OnLag> {
        &mut self.0.get_or_insert_default().on_lag
    }

    /// What it chose before, in some cases. Dropped, a stay wakes readers: not under a lock.
    pub(crate) fn choose(&mut self, choice: Choice) -> Option<Choice> {
        let chosen = self.0.get_or_insert_default();
        match choice {
            Choice::OnLag(on_lag) => {
                chosen.on_lag = Some(on_lag);
                None
            }
            // In before out: a member who stays is not away in between.
            Choice::Stay(stay) => chosen.stay.replace(stay).map(Choice::Stay),
        }
    }

    /// Whose connection it is, if it is a member's.
    pub(crate) fn whose(&self) -> Option<&Whose> {
        self.0.as_ref()?.stay.as_ref().map(|stay| stay.whose())
    }
}
