//! Connections whose client's credentials end, in both forms.

use super::*;

/// A session that is renewed so many times; each renewal is asked for halfway.
struct Session {
    connection: Connection<String>,
    renewals: u8,
    told: Data<Told>,
}

const LIFE: Duration = Duration::from_millis(200);

#[websocket("/sessions/{renewals}")]
impl Session {
    async fn open(renewals: u8, connection: Connection<String>, told: Data<Told>) -> Self {
        connection.expires_at(LIFE);
        Self { connection, renewals, told }
    }

    async fn message(&mut self, message: String) -> Result<(), SocketError> {
        self.connection.send(&message).await
    }

    async fn refresh(&mut self) -> Option<Duration> {
        self.told.tell(format!("{} left", self.renewals));
        self.renewals = self.renewals.checked_sub(1)?;
        Some(LIFE)
    }

    async fn close(self, reason: CloseReason) {
        self.told.tell(reason.to_string());
    }
}

#[websocket("/tokens/{renewals}")]
async fn token(
    mut renewals: u8,
    mut socket: Socket<String, String>,
    told: Data<Told>,
) -> Result<(), SocketError> {
    socket.expires_at(LIFE);
    socket.refresh({
        let told = told.clone();
        move || {
            told.tell(format!("{renewals} left"));
            let renewed = (renewals > 0).then_some(LIFE);
            renewals = renewals.saturating_sub(1);
            async move { renewed }
        }
    });
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    told.tell(socket.reason().expect("it has ended").to_string());
    Ok(())
}

#[test]
fn both_forms_are_renewed_until_they_are_not() {
    let (server, events) = server();
    for path in [Session::path(2), token::path(2)] {
        let mut socket = connect(&server, &path, None).unwrap();
        socket.send(Sent::text("hello")).unwrap();
        assert_eq!(socket.read().unwrap(), Sent::text("hello"), "{path}");
        assert_eq!(close_code(&mut socket), 3000, "{path}");
        for told in ["2 left", "1 left", "0 left", "the credentials have ended"] {
            let _ = socket.flush();
            assert_eq!(next(&events), told, "{path}");
        }
    }
}
