//! The hooks form.

use std::future::pending;

use tokio::time::sleep;

use super::*;

/// Hooks that say what happened to them.
struct Hooked(Seen<String>);

impl Hooks<String> for Hooked {
    async fn message(&mut self, message: String) -> Result<(), SocketError> {
        self.0.borrow_mut().push(message.clone());
        match message.as_str() {
            "panic" => panic!("on purpose"),
            "fail" => Err(SocketError::other("on purpose")),
            "hang" => pending().await,
            _ => Ok(()),
        }
    }

    async fn close(self, reason: CloseReason) {
        sleep(SECOND).await;
        self.0.borrow_mut().push(format!("closed: {reason}"));
    }
}

#[actix_web::test]
async fn the_close_hook_is_called_once_however_it_ends() {
    tokio::time::pause();
    type End = fn(&mut Peer);
    let cases: [(End, &str); 8] = [
        (|peer| peer.close(1000), "closed by the peer: 1000 "),
        (|peer| peer.vanish(), "the connection was lost"),
        (|peer| peer.body = None, "the connection was lost"),
        (|peer| peer.text("panic"), "the handler panicked"),
        (|peer| peer.text("fail"), "the handler failed"),
        (|peer| peer.frame(true, OpCode::Binary, b"no text"), "the handler failed"),
        (|peer| peer.frame(true, OpCode::Text, b"\xff"), "text that is not UTF-8"),
        (
            |peer| {
                peer.text("hang");
                peer.close(1000);
            },
            "closed by the peer: 1000 ",
        ),
    ];
    for (end, reason) in cases {
        let seen: Seen<String> = Rc::default();
        let hooks = Hooked(Rc::clone(&seen));
        let mut peer =
            Peer::start(|payload| upgrade(Options::default()).serve_hooks(payload, hooks));
        peer.text("hello");
        end(&mut peer);
        sleep(20 * SECOND).await;
        assert_eq!(seen.borrow()[0], "hello");
        let closed: Vec<_> =
            seen.borrow().iter().filter(|seen| seen.starts_with("closed")).cloned().collect();
        assert_eq!(closed, [format!("closed: {reason}")]);
        assert_eq!(Rc::strong_count(&seen), 1, "the task has ended");
    }
}
