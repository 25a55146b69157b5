use ereo_runtime::prelude::*;

struct Chat(ClientSet<String>);

#[websocket("/chat")]
impl Chat {
    async fn open(set: Data<ClientSet<String>>) -> Self {
        Self(ClientSet::clone(&set))
    }

    async fn message(&mut self, _: String) {}

    fn hears(&mut self) -> Subscription<String> {
        self.0.subscribe(LastEventId::none())
    }

    async fn heard(&mut self, _: String) {}
}

fn main() {}

// mend: _: String) {}⏎} => _: ereo_runtime::Delivery<String>) {}⏎}
