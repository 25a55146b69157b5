//! A handle and the server's `Everywhere` are arguments of every kind of route whose connections last.

use ereo_runtime::Everywhere;
use ereo_runtime::prelude::*;

const GONE: Ending = Ending::code(4001, "gone").final_();

#[sse("/feed")]
async fn feed(
    set: Data<ClientSet<String>>,
    last: LastEventId,
    connection: ConnectionHandle,
    everywhere: Everywhere,
) -> Subscription<String> {
    everywhere.name(&connection, "ann");
    set.subscribe(last)
}

#[websocket("/ws")]
async fn ws(mut socket: Socket<String, String>, connection: ConnectionHandle) -> Result<(), SocketError> {
    std::thread::spawn(move || connection.close(GONE));
    while socket.recv().await?.is_some() {}
    Ok(())
}

struct Hooks {
    connection: ConnectionHandle,
}

#[websocket("/hooks")]
impl Hooks {
    async fn open(connection: ConnectionHandle) -> Self {
        Self { connection }
    }

    async fn message(&mut self, _: String) {
        self.connection.close(GONE);
    }

    async fn close(self, reason: CloseReason) {
        assert!(matches!(reason, CloseReason::Disconnected(ending) if ending == GONE));
    }
}

fn main() {
    let set = ClientSet::<String>::new();
    let told: usize = set.disconnect(Who::All, GONE);
    assert_eq!(told, 0);
    assert_eq!(set.room("lobby").disconnect(Who::Member("ann"), Ending::code(4002, "moved")), 0);
}
