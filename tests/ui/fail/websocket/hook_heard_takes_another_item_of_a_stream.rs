use ereo_runtime::Member;
use ereo_runtime::prelude::*;

struct Watcher {
    set: Data<ClientSet<String>>,
}

#[websocket("/ws")]
impl Watcher {
    async fn open(set: Data<ClientSet<String>>) -> Self {
        Self { set }
    }

    async fn message(&mut self, _: String) {}

    fn hears(&mut self) -> PresenceEvents {
        self.set.presence()
    }

    async fn heard(&mut self, _: Member) {}
}

fn main() {}

// mend: _: Member => _: PresenceEvent
