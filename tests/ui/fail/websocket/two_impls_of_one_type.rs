use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/chat")]
impl Chat {
    async fn open() -> Self {
        Self
    }

    async fn message(&mut self, _: String) {}
}

#[websocket("/talk")]
impl Chat {
    async fn open() -> Self {
        Self
    }

    async fn message(&mut self, _: String) {}
}

fn main() {
    assert_eq!(Chat::path(), "/chat");
}

// mend: #[websocket("/talk")]⏎impl Chat { => struct Other;⏎⏎#[websocket("/talk")]⏎impl Other {
