//! What is sent to one connection is not overtaken by what is broadcast behind it, though a relay writes
//! the broadcast: the lease under which it may is revoked by then.

use loom::thread;

use crate::lease::{Lease, Leases};
use crate::reader::Next;
use crate::sync::{Arc, Mutex};
use crate::{explore, from_start, keeping, publish};

/// One connection: its mailbox, and who may write.
struct Connection {
    mailbox: Mutex<Option<u64>>,
    leases: Leases,
}

impl Connection {
    fn new() -> Arc<Self> {
        Arc::new(Self { mailbox: Mutex::new(None), leases: Leases::new() })
    }

    /// As a mailbox does: first it can be found, then nobody may overtake it.
    fn send(&self, value: u64) {
        *self.mailbox.lock().unwrap() = Some(value);
        self.leases.revoke();
    }

    /// As a writer does. What it found, and what a relay may do where that is nothing.
    fn look(&self) -> (Option<u64>, Lease) {
        self.leases.renew();
        let found = self.mailbox.lock().unwrap().take();
        (found, self.leases.current())
    }
}

#[test]
fn a_relay_does_not_overtake_what_was_sent_before() {
    explore(|| {
        let shared = keeping(4);
        let connection = Connection::new();
        let teller = {
            let (shared, connection) = (Arc::clone(&shared), Arc::clone(&connection));
            thread::spawn(move || {
                connection.send(1);
                publish(&shared, 2);
            })
        };
        let mut reader = from_start(&shared);
        let mut sent = Vec::new();
        // Twice: what comes in between is found by the second look, or its wake brings a third.
        for _ in 0..2 {
            let (found, lease) = connection.look();
            sent.extend(found);
            if let Some(Next::Entry(_, value)) = reader.read() {
                if connection.leases.is_valid(lease) {
                    sent.push(value);
                } else {
                    // Its own task sends it, behind the mailbox.
                    sent.extend(connection.look().0);
                    sent.push(value);
                }
            }
        }
        teller.join().unwrap();
        assert!(!sent.starts_with(&[2]), "{sent:?}");
    });
}
