use ereo_runtime::prelude::*;

struct Chat(ClientSet<String>);

#[websocket("/chat")]
impl Chat {
    async fn open(set: Data<ClientSet<String>>) -> Self {
        Self(ClientSet::clone(&set))
    }

    async fn message(&mut self, _: String) {}

    fn hears(&mut self) -> ClientSet<String> {
        self.0.clone()
    }

    async fn heard(&mut self, _: PresenceEvent) {}
}

fn main() {}

// mend: fn hears(&mut self) -> ClientSet<String> => fn hears(&mut self) -> PresenceEvents
// mend: self.0.clone() => self.0.presence()
