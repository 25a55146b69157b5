//! `event: ereo.closed`: the stream was ended by name.

use super::finished::ENDED;
use crate::ending::Ending;
use crate::wire::Block;

/// The event; where the client may come back, with its position as it is and behind `retry`, the line that says
/// when. Otherwise with the id of a stream that is finished, with which an `EventSource` comes back nevertheless,
/// and is answered 204.
pub(super) fn closed_block(ending: &Ending, retry: &str) -> Block {
    let told = format!("event: ereo.closed\ndata: {}\n", ending.json());
    Block::of(&match ending.is_final() {
        true => format!("{told}id: {ENDED}\n\n"),
        false => format!("{retry}{told}\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_whether_there_is_something_to_come_back_for() {
        let text = |ending: &Ending| {
            let bytes = closed_block(ending, "retry: 7\n").events();
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        let ending = Ending::code(4001, "logged out");
        assert_eq!(
            text(&ending),
            "retry: 7\nevent: ereo.closed\ndata: {\"code\":4001,\"reason\":\"logged out\",\"final\":false}\n\n"
        );
        assert_eq!(
            text(&ending.final_()),
            "event: ereo.closed\ndata: {\"code\":4001,\"reason\":\"logged out\",\"final\":true}\nid: ereo-end\n\n"
        );
    }
}
