//! What stands between a node and its Redis, and does to the bytes what a test says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// What becomes of the bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Pass,
    /// None comes through; the connection looks alive. TCP sends them later, if that ends.
    Hole,
    Delay(Duration),
    /// Each is a segment of its own.
    Single,
}

#[derive(Debug, Clone, Copy)]
struct Faults {
    to_server: Way,
    to_client: Way,
    /// All connections from before are gone when it changes.
    cuts: u64,
    target: SocketAddr,
}

pub struct Proxy {
    address: SocketAddr,
    faults: Arc<watch::Sender<Faults>>,
}

impl Proxy {
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let faults = Faults { to_server: Way::Pass, to_client: Way::Pass, cuts: 0, target };
        let faults = Arc::new(watch::Sender::new(faults));
        let known = Arc::clone(&faults);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, known.subscribe()));
            }
        });
        Self { address, faults }
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    pub fn set(&self, to_server: Way, to_client: Way) {
        self.faults.send_modify(|faults| {
            (faults.to_server, faults.to_client) = (to_server, to_client);
        });
    }

    pub fn cut(&self) {
        self.faults.send_modify(|faults| faults.cuts += 1);
    }

    /// Leads to another server from now on.
    pub fn lead_to(&self, target: SocketAddr) {
        self.faults.send_modify(|faults| {
            faults.target = target;
            faults.cuts += 1;
        });
    }
}

async fn carry(client: TcpStream, mut faults: watch::Receiver<Faults>) {
    let Faults { target, cuts, .. } = *faults.borrow_and_update();
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = one_way(from_client, to_server, faults.clone(), |faults| faults.to_server) => {}
        () = one_way(from_server, to_client, faults.clone(), |faults| faults.to_client) => {}
        _ = faults.wait_for(|faults| faults.cuts != cuts) => {}
    }
}

async fn one_way(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut faults: watch::Receiver<Faults>,
    way: fn(&Faults) -> Way,
) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let Ok(count) = from.read(&mut buffer).await else { return };
        if count == 0 || faults.wait_for(|faults| way(faults) != Way::Hole).await.is_err() {
            return;
        }
        let now = way(&faults.borrow());
        let bytes = &buffer[..count];
        let sent = match now {
            Way::Pass | Way::Hole => to.write_all(bytes).await,
            Way::Delay(time) => {
                sleep(time).await;
                to.write_all(bytes).await
            }
            Way::Single => single(&mut to, bytes).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn single(to: &mut OwnedWriteHalf, bytes: &[u8]) -> std::io::Result<()> {
    for byte in bytes {
        to.write_all(&[*byte]).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}
