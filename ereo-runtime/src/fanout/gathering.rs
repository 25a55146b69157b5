//! The time for which a relay lets messages gather that come from another thread.
//!
//! A publisher on the relay's own thread is through with its turn before the relay has one. One on another
//! thread wakes the relay with the first of several messages, while the others are still being broadcast:
//! written at once, that one would cost each member a system call, and the others another. So the relay
//! looks a few times more, and goes on once nothing has come for a while. It never sleeps meanwhile, but
//! gives its thread a turn between two looks.

use std::time::Duration;

use tokio::time::Instant;

/// One look in vain for so many members: a look takes about a microsecond, and writing to a member
/// several, so that looking costs little beside it.
const MEMBERS_A_LOOK: usize = 8;
/// Looks in vain, however many members there are: a request that broadcasts takes less.
const MOST_LOOKS: usize = 32;
/// For so long a member, while messages come: about half of what writing to it takes.
const A_MEMBER: Duration = Duration::from_micros(4);
/// However many members there are, and whatever the thread's other tasks do in their turns.
const LONGEST: Duration = Duration::from_micros(400);
/// The same where the clock stands.
const MOST_TURNS: u32 = 1024;

/// What a relay has seen since it began to wait.
#[derive(Debug)]
pub(super) struct Gathering {
    since: Instant,
    turns: u32,
    /// Where the log ended at the last look.
    end: Option<u64>,
    /// How many looks in a row have found nothing new.
    idle: usize,
}

impl Gathering {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, turns: 0, end: None, idle: 0 }
    }

    /// Whether to look once more for so many members, now that the log is found to end at `end`.
    pub(super) fn goes_on(&mut self, now: Instant, end: u64, members: usize) -> bool {
        self.idle = if self.end.replace(end) == Some(end) { self.idle + 1 } else { 0 };
        self.turns += 1;
        let few = u32::try_from(members).unwrap_or(u32::MAX);
        let longest = A_MEMBER.saturating_mul(few).min(LONGEST);
        self.idle < (members / MEMBERS_A_LOOK).min(MOST_LOOKS)
            && self.turns < MOST_TURNS
            && now.saturating_duration_since(self.since) < longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CROWD: usize = 500;

    /// How many turns a relay of so many members gives away, each of which takes so long, where the log
    /// ends as `end` says in each.
    fn turns(members: usize, turn: Duration, end: impl Fn(u32) -> u64) -> u32 {
        let mut now = Instant::now();
        let mut gathering = Gathering::new(now);
        let mut turns = 0;
        while gathering.goes_on(now, end(turns), members) {
            turns += 1;
            now += turn;
        }
        turns
    }

    const SHORT: Duration = Duration::from_micros(1);

    #[test]
    fn a_message_alone_waits_for_a_few_turns_that_depend_on_the_members() {
        let alone = |_| 7;
        assert_eq!(turns(7, SHORT, alone), 0, "few members: a second write costs no more");
        assert_eq!(turns(8, SHORT, alone), 1);
        assert_eq!(turns(80, SHORT, alone), 10);
        assert_eq!(turns(CROWD, SHORT, alone), 32);
        assert_eq!(turns(100_000, SHORT, alone), 32);
    }

    #[test]
    fn it_waits_for_as_long_as_others_follow() {
        // Sixteen, ten turns between two of them.
        let sixteen = |turn: u32| u64::from(turn / 10).min(15);
        assert_eq!(turns(CROWD, SHORT, sixteen), 150 + 32);
    }

    #[test]
    fn it_ends_though_they_never_do_and_though_the_clock_stands() {
        let endless = |turn: u32| u64::from(turn);
        assert_eq!(turns(CROWD, SHORT, endless), 400);
        assert_eq!(turns(10, SHORT, endless), 40, "no longer than a part of what writing takes");
        assert_eq!(turns(CROWD, Duration::ZERO, endless), MOST_TURNS - 1);
    }

    #[test]
    fn a_thread_that_is_busy_delays_it_by_one_turn_only() {
        let endless = |turn: u32| u64::from(turn);
        assert_eq!(turns(CROWD, Duration::from_millis(1), endless), 1);
    }
}
