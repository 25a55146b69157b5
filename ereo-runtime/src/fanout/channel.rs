//! The set whose messages a relay sends, as the relay sees it.

use tokio::time::Instant;

use super::Relays;
use crate::log::{Holds, Reader};
use crate::wire::{ClientId, Format, Piece};

/// A handle on a set: its log, and how an entry goes out.
pub(crate) trait Channel: Holds<Self::Entry> + Clone + 'static {
    type Entry: Clone + 'static;

    /// The entry at `offset` in this format; `None` if it cannot be encoded.
    fn piece(&self, format: Format, offset: u64, entry: &Self::Entry) -> Option<Piece>;

    /// The one client that does not get the entry.
    fn except(entry: &Self::Entry) -> Option<ClientId>;

    /// When the entry was broadcast.
    fn broadcast_at(entry: &Self::Entry) -> Instant;

    /// The offset that the next entry will get.
    fn head(&self) -> u64;

    /// Whether the log will soon evict entries from `cursor` on.
    fn is_pressed(&self, cursor: u64) -> bool;

    /// How many readers there are, relayed or not.
    fn readers(&self) -> usize;

    fn relays(&self) -> &Relays;
}

/// A cursor into a channel's log.
pub(crate) type ChannelReader<C> = Reader<<C as Channel>::Entry, C>;
