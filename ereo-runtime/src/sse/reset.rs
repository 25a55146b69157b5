//! `event: ereo.reset`: the reader is told that it does not go on where it was.

use crate::broadcast::ResetReason;
use crate::log::LastEventId;
use crate::wire::Block;

/// The event; with the position at which the reader goes on, where it has one, as id in the same
/// block, so that a browser takes over the new position only together with the news.
pub(super) fn reset_block(
    reason: ResetReason,
    missed: Option<u64>,
    id: Option<LastEventId>,
) -> Block {
    let reason = reason.as_str();
    let missed = missed.map_or_else(|| "null".to_owned(), |missed| missed.to_string());
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    let data = format!(r#"{{"reason":"{reason}","missed":{missed}}}"#);
    Block::of(&format!("event: ereo.reset\ndata: {data}\n{id}\n"))
}
