use ereo_runtime::prelude::*;

struct Chat(ClientSet<String>);

#[websocket("/chat")]
impl Chat {
    async fn open(set: Data<ClientSet<String>>) -> Self {
        Self(ClientSet::clone(&set))
    }

    async fn message(&mut self, _: String) {}

    async fn hears(&mut self) -> PresenceEvents {
        self.0.presence()
    }

    async fn heard(&mut self, _: PresenceEvent) {}
}

fn main() {}

// mend: async fn hears(&mut self) -> PresenceEvents => fn hears(&mut self) -> PresenceEvents
