use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
struct Line {
    text: String,
}

fn follow(set: &ClientSet<Line>) -> Subscription<Line> {
    set.subscribe(LastEventId::none()).with_presence(set.presence())
}

fn main() {}

// mend: fn follow => impl From<PresenceEvent> for Line {⏎    fn from(_: PresenceEvent) -> Self {⏎        Self { text: String::new() }⏎    }⏎}⏎⏎fn follow
