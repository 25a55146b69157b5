//! The stages of a connection from its opening handshake to its end, as a state machine without IO (RFC 6455
//! section 7).
//!
//! ```text
//!                                  ┌──────┐
//!                                  │ Open │
//!                                  └──────┘
//!            peer's close frame ┌──────┼───────┐ our close frame
//!                               ▼      │       ▼
//!                       ┌───────────┐  │   ┌─────────┐
//!                       │ Answering │  │   │ Closing │──┐
//!                       └───────────┘  │   └─────────┘  │
//!                               │      │       │        │ unreadable input
//!                               │      │ unreadable     ▼
//!                               │      │ input      ┌─────────┐
//!                               │      └─────────▶  │ Failing │
//!        our close frame, which │              │    └─────────┘
//!        answers the peer's     │              │ peer's     │
//!                               │              │ close      │
//!                               ▼              ▼ frame      ▼
//!                       ┌────────────────────────────────────────┐
//!                       │ Ended                                  │
//!                       └────────────────────────────────────────┘
//! ```
//!
//! From every stage an end that is asked for leads to `Ended`, and from all but `Answering` the end of the input does:
//! behind the peer's close frame it is in order, and ours still goes out.

/// The stage of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Open,
    /// The peer's close frame was read. Ours waits until the handler has seen what came before it,
    /// so that its answers still go out.
    Answering,
    /// Our close frame is queued; the peer's is awaited.
    Closing,
    /// As `Closing`, but what the peer sends cannot be read any more: it is thrown away for a moment,
    /// for closing a TCP connection with unread bytes resets it and may cost the peer our close frame.
    Failing,
    /// Nothing is read any more; the body ends behind what is queued.
    Ended,
}

/// An event that may change the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// This side closes.
    Close,
    /// The peer's close frame was read.
    PeerCloses,
    /// The peer's close frame may be answered.
    Answer,
    /// The peer's bytes make no sense.
    Unreadable,
    /// The peer's side of the TCP connection has ended: FIN or RST.
    InputEnds,
    /// Nothing is waited for any more.
    End,
}

/// What a transition asks of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duty {
    Nothing,
    /// Queue our close frame.
    SendClose,
    /// Queue our close frame, which answers the peer's, and end the body behind it.
    SendAnswer,
    /// Let the handler see that the peer closes.
    TellHandler,
    /// End the body behind what is queued.
    Finish,
}

impl Stage {
    /// The stage behind an event, and what is to be done for it. An event that comes too late changes nothing.
    pub(super) fn after(self, event: Event) -> (Self, Duty) {
        match (self, event) {
            (Self::Open, Event::Close) => (Self::Closing, Duty::SendClose),
            (Self::Open, Event::Unreadable) => (Self::Failing, Duty::SendClose),
            (Self::Open, Event::PeerCloses) => (Self::Answering, Duty::TellHandler),
            (Self::Answering, Event::Close | Event::Answer) => (Self::Ended, Duty::SendAnswer),
            (Self::Closing, Event::PeerCloses) => (Self::Ended, Duty::Finish),
            // No close frame of the peer's can be found any more.
            (Self::Closing, Event::Unreadable) => (Self::Failing, Duty::Nothing),
            (Self::Open | Self::Closing | Self::Failing, Event::InputEnds | Event::End)
            | (Self::Answering, Event::End) => (Self::Ended, Duty::Finish),
            (Self::Open, Event::Answer)
            | (Self::Answering, Event::PeerCloses | Event::Unreadable | Event::InputEnds)
            | (Self::Closing, Event::Close | Event::Answer)
            | (
                Self::Failing,
                Event::Close | Event::PeerCloses | Event::Answer | Event::Unreadable,
            )
            | (Self::Ended, _) => (self, Duty::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Stage::{Answering, Closing, Ended, Failing, Open};

    const STAGES: [Stage; 5] = [Open, Answering, Closing, Failing, Ended];
    const EVENTS: [Event; 6] = [
        Event::Close,
        Event::PeerCloses,
        Event::Answer,
        Event::Unreadable,
        Event::InputEnds,
        Event::End,
    ];

    #[test]
    fn each_event_leads_where_the_picture_says() {
        let table = [
            (Open, [Closing, Answering, Open, Failing, Ended, Ended]),
            (Answering, [Ended, Answering, Ended, Answering, Answering, Ended]),
            (Closing, [Closing, Ended, Closing, Failing, Ended, Ended]),
            (Failing, [Failing, Failing, Failing, Failing, Ended, Ended]),
            (Ended, [Ended; 6]),
        ];
        for (stage, expected) in table {
            assert_eq!(EVENTS.map(|event| stage.after(event).0), expected, "{stage:?}");
        }
    }

    /// Calls `see` with the duties of every way of so many events from `stage` on.
    fn ways(
        stage: Stage,
        events: u32,
        duties: &mut Vec<Duty>,
        see: &mut impl FnMut(Stage, &[Duty]),
    ) {
        see(stage, duties);
        if events == 0 {
            return;
        }
        for event in EVENTS {
            let (next, duty) = stage.after(event);
            duties.push(duty);
            ways(next, events - 1, duties, see);
            duties.pop();
        }
    }

    #[test]
    fn one_close_frame_goes_out_at_most_and_the_body_ends_once() {
        ways(Open, 5, &mut Vec::new(), &mut |stage, duties| {
            let count = |of: &[Duty]| duties.iter().filter(|duty| of.contains(duty)).count();
            assert!(count(&[Duty::SendClose, Duty::SendAnswer]) <= 1, "{duties:?}");
            let ends = count(&[Duty::Finish, Duty::SendAnswer]);
            assert_eq!(ends, usize::from(stage == Ended), "{duties:?}");
        });
    }

    #[test]
    fn a_stage_that_stays_has_nothing_to_do() {
        for (stage, event) in STAGES.iter().flat_map(|stage| EVENTS.map(|event| (*stage, event))) {
            let (next, duty) = stage.after(event);
            assert!(next != stage || duty == Duty::Nothing, "{stage:?} {event:?}");
        }
    }
}
