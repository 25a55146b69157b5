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
}

fn main() {}

// mend: async fn message(&mut self, _: String) {} => async fn message(&mut self, _: String) {}⏎    async fn heard(&mut self, event: PresenceEvent) -> Result<(), SocketError> { drop(event); Ok(()) }
