//! Choices that were made for a reader, beside what it reads.

use super::leash::Leash;
use super::on_lag::OnLag;
use super::presence::{Stay, Who, Whose};
use super::rounds::Told;
use crate::sync::Arc;

/// What a reader has chosen. Boxed: most choose nothing.
#[derive(Default)]
pub struct Choices(Option<Box<Chosen>>);

#[derive(Default)]
struct Chosen {
    on_lag: Option<OnLag>,
    /// The member whose connection it is, once it is a client.
    enters_as: Option<Box<Who>>,
    /// Where it is one of a member's connections.
    stay: Option<Box<Stay>>,
    /// By what it is told to end, if somebody can name it.
    leash: Option<Arc<Leash>>,
    /// That it was told.
    told: Option<Box<Told>>,
}

impl Drop for Chosen {
    fn drop(&mut self) {
        if let Some(leash) = &self.leash {
            leash.is_over();
        }
    }
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

    /// The member whose connection it is, once it is a client.
    pub(super) fn enters_as(&mut self) -> &mut Option<Box<Who>> {
        &mut self.0.get_or_insert_default().enters_as
    }

    pub(super) fn take_enters_as(&mut self) -> Option<Box<Who>> {
        self.0.as_mut()?.enters_as.take()
    }

    /// By what it is told to end, if somebody can name it.
    #[inline]
    pub(super) fn leash(&self) -> Option<&Arc<Leash>> {
        self.0.as_ref()?.leash.as_ref()
    }

    /// It is told to end by this, unless there is something by which it is already.
    pub(super) fn leash_or(&mut self, new: impl FnOnce() -> Arc<Leash>) -> &Arc<Leash> {
        self.0.get_or_insert_default().leash.get_or_insert_with(new)
    }

    /// That it was told to end.
    pub(super) fn told(&mut self) -> &mut Option<Box<Told>> {
        &mut self.0.get_or_insert_default().told
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
