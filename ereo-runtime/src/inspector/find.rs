//! A search among all connections, and the end of one.

use std::sync::Arc;

use tokio::time::Instant;

use super::ranks::Ranks;
use super::rows::ConnectionRow;
use super::sets_seen::see_sets;
use super::snapshot::row;
use super::state::State;
use crate::ending::Ending;
use crate::server::Registered;

/// Connections that a search shows.
const FOUND: usize = 100;

/// What a client is told that the inspector ends. It may come back: to keep it out is the application's matter.
const ENDED: Ending = Ending::code(4000, "ended by the inspector");

impl State {
    /// The connection of this number, and the oldest whose route, peer or kind has this text.
    pub(super) fn find(&self, text: &str) -> Vec<ConnectionRow> {
        let (text, now) = (text.to_lowercase(), Instant::now());
        let mut found = Ranks::new(FOUND);
        self.registry().visit(|connection| {
            let has = |field: &str| field.to_lowercase().contains(&text);
            let is_number = connection.id().is_some_and(|id| id.to_string() == text);
            let found_in = |connection: &Registered| {
                has(connection.route()) || has(connection.kind()) || has(&connection.peer())
            };
            if is_number {
                found.offer(u64::MAX, || Arc::clone(connection));
            } else if found_in(connection) {
                let age = u64::try_from(connection.age(now).as_nanos()).unwrap_or(u64::MAX);
                found.offer(age, || Arc::clone(connection));
            }
        });
        let sets = see_sets(&self.everywhere, self.snapshots.place());
        found.finish().filter_map(|connection| row(&connection, &sets, now, 0.0)).collect()
    }

    /// Ends the connection of this number; whether there is one, and it was not told before.
    pub(super) fn end(&self, number: u64) -> bool {
        let mut ended = None;
        self.registry().visit(|connection| {
            if connection.id().is_some_and(|id| id.get() == number) {
                ended = Some(Arc::clone(connection));
            }
        });
        ended.is_some_and(|connection| connection.end(&ENDED))
    }
}
