//! The connection that asks: kept by one task, which makes another when that one is of no use any more.
//!
//! A multiplexed connection that has broken answers errors for ever, and the manager that mends it says to nobody
//! when. So whoever finds it broken says so here, and asks for it anew.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, RedisResult, ScriptInvocation, ServerErrorKind, Value,
};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::address::Address;
use super::script::Scripts;
use super::server::{Facts, Unfit, examine};
use super::trouble::Trouble;
use crate::backoff::{Backoff, Jitter};
use crate::sync::Arc;

/// How long an answer may take: longer than a server needs to fork for a snapshot.
pub(super) const ANSWER: Duration = Duration::from_secs(2);

/// Until a connection is there, and has been asked what it leads to.
pub(super) const CONNECT: Duration = Duration::from_secs(3);

/// Before a server that could not be reached is tried again.
pub(super) const AGAIN: Backoff = Backoff {
    base: Duration::from_millis(50),
    factor: 2.0,
    max: Duration::from_secs(1),
    jitter: Jitter::Full,
};

/// A connection, and which one it is.
#[derive(Clone)]
struct Connected {
    connection: MultiplexedConnection,
    number: u64,
}

type State = Result<Connected, Trouble>;

pub(super) struct Link {
    state: watch::Receiver<State>,
    broken: mpsc::Sender<(u64, Trouble)>,
    scripts: Arc<Scripts>,
}

/// Makes a connection that a log can be kept over.
pub(super) async fn connect(
    address: &Address,
    scripts: &Scripts,
) -> Result<(MultiplexedConnection, Facts), Unfit> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(ANSWER));
    let connected = timeout(CONNECT, async {
        let client = address.client().await?;
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        let facts = examine(&mut connection, scripts).await?;
        Ok((connection, facts))
    });
    connected.await.unwrap_or_else(|_| Err(Unfit::Trouble(late())))
}

pub(super) fn late() -> Trouble {
    Trouble::Unreachable("it took too long".to_owned())
}

impl Link {
    /// With its first connection; the task runs for as long as there is this.
    pub(super) fn new(
        address: Arc<Address>,
        scripts: Arc<Scripts>,
        first: MultiplexedConnection,
    ) -> Self {
        let (states, state) = watch::channel(Ok(Connected { connection: first, number: 0 }));
        let (broken, breaks) = mpsc::channel(16);
        tokio::spawn(keep(address, Arc::clone(&scripts), states, breaks));
        Self { state, broken, scripts }
    }

    /// Asks for many things at once; each answer may be an error.
    pub(super) async fn ask_all(&self, commands: &redis::Pipeline) -> Result<Vec<Value>, Trouble> {
        let Connected { mut connection, number } = self.state.borrow().clone()?;
        let count = commands.len();
        let answers = connection.send_packed_commands(commands, 0, count).await;
        answers.map_err(Trouble::from).inspect_err(|trouble| self.is_broken(number, trouble))
    }

    /// Runs a script, which is loaded again where the server has forgotten it.
    pub(super) async fn run(
        &self,
        script: &ScriptInvocation<'_>,
        command: &Cmd,
    ) -> Result<Value, Trouble> {
        let Connected { mut connection, number } = self.state.borrow().clone()?;
        let mut answer = once(&mut connection, command).await;
        if let Err(error) = &answer
            && error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
        {
            answer = match script.load_async(&mut connection).await {
                Ok(_) => once(&mut connection, command).await,
                Err(error) => Err(error),
            };
        }
        answer.map_err(Trouble::from).inspect_err(|trouble| self.is_broken(number, trouble))
    }

    pub(super) fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    fn is_broken(&self, number: u64, trouble: &Trouble) {
        if trouble.is_the_connection() {
            // Where many have said so already, it is known.
            let _ = self.broken.try_send((number, trouble.clone()));
        }
    }
}

async fn once(connection: &mut MultiplexedConnection, command: &Cmd) -> RedisResult<Value> {
    connection.send_packed_command(command).await.and_then(Value::extract_error)
}

async fn keep(
    address: Arc<Address>,
    scripts: Arc<Scripts>,
    states: watch::Sender<State>,
    mut breaks: mpsc::Receiver<(u64, Trouble)>,
) {
    let mut current = 0;
    while let Some((number, trouble)) = breaks.recv().await {
        if number != current {
            continue;
        }
        tracing::warn!(%trouble, "the connection to Redis is of no use any more");
        states.send_modify(|state| *state = Err(trouble));
        let mut failed = 0;
        let connection = loop {
            if states.is_closed() {
                return;
            }
            match connect(&address, &scripts).await {
                Ok((connection, _)) => break connection,
                Err(unfit) => states.send_modify(|state| *state = Err(unfit.trouble())),
            }
            sleep(AGAIN.delay(failed)).await;
            failed += 1;
        };
        current += 1;
        tracing::info!("connected to Redis again");
        states.send_modify(|state| *state = Ok(Connected { connection, number: current }));
    }
}
