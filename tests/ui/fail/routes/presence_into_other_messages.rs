use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
struct Line {
    text: String,
}

#[sse("/who")]
async fn who(set: Data<ClientSet<Line>>) -> impl Stream<Item = Line> {
    set.presence().into_messages::<Line>()
}

fn main() {}

// mend: #[sse => impl From<PresenceEvent> for Line {⏎    fn from(_: PresenceEvent) -> Self {⏎        Self { text: String::new() }⏎    }⏎}⏎⏎#[sse
