use ereo_runtime::prelude::*;

struct Chat<'a> {
    peer: &'a Connection<String>,
}

#[websocket("/ws")]
impl<'a> Chat<'a> {
    async fn open(peer: &'a Connection<String>) -> Self {
        Self { peer }
    }

    async fn message(&mut self, text: String) -> Result<(), SocketError> {
        self.peer.send(&text).await
    }
}

fn main() {}

// mend: struct Chat<'a> => struct Chat
// mend: peer: &'a => peer:
// mend: impl<'a> Chat<'a> => impl Chat
// mend: peer: &'a => peer:
