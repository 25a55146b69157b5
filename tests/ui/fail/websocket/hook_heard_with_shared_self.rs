use ereo_runtime::prelude::*;

struct Chat(ClientSet<String>);

#[websocket("/chat")]
impl Chat {
    async fn open(set: Data<ClientSet<String>>) -> Self {
        Self(ClientSet::clone(&set))
    }

    async fn message(&mut self, _: String) {}

    fn hears(&mut self) -> PresenceEvents {
        self.0.presence()
    }

    async fn heard(&self, _: PresenceEvent) {}
}

fn main() {}

// mend: async fn heard(&self => async fn heard(&mut self
