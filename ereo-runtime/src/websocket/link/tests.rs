//! Bounds of an idle connection's memory on the heap, so that it does not grow unseen.

use std::time::Duration;

use super::{Core, Rare};
use crate::websocket::body::Frames;
use crate::websocket::close::CloseReason;
use crate::websocket::error::SocketError;
use crate::websocket::hooks::Hooks;
use crate::websocket::millis::Millis;
use crate::websocket::socket::Socket;
use crate::websocket::task::Task;
use crate::websocket::{hooks, mailbox};

#[test]
fn what_every_connection_has_is_small() {
    // The feature `inspector` lists each of them.
    let listed = if cfg!(feature = "inspector") { 8 } else { 0 };
    assert!(size_of::<Core>() <= 184 + listed, "{}", size_of::<Core>());
    assert!(mailbox::on_the_heap() <= 64, "{}", mailbox::on_the_heap());
    assert!(size_of::<Frames>() <= 16, "{}", size_of::<Frames>());
    // A socket with a subprotocol has it always, others while there is something of it.
    assert!(size_of::<Rare>() <= 168, "{}", size_of::<Rare>());
    assert!(size_of::<Task>() <= 152, "{}", size_of::<Task>());
}

struct State([u64; 32]);

impl Hooks<String> for State {
    async fn message(&mut self, message: String) -> Result<(), SocketError> {
        let before = [message.len() as u64; 128];
        tokio::task::yield_now().await;
        self.0[0] += before[1];
        Ok(())
    }

    async fn close(self, _: CloseReason) {}
}

#[test]
fn hooks_that_wait_hold_their_state_once_and_little_else() {
    let run = |hooks: State, socket: Socket<String, ()>, grace: Millis| {
        size_of_val(&hooks::run(hooks, socket, grace))
    };
    let link = crate::websocket::tests::link();
    let held = run(State([0; 32]), Socket::new(link), Duration::from_secs(1).into());
    assert!(held <= size_of::<State>() + 32, "{held}");
}
