//! Where the server is that takes writes, as the Sentinels that watch it say.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, RedisConnectionInfo, Value,
    from_redis_value,
};
use tokio::time::timeout;

use super::ConnectError;
use super::server::Unfit;
use super::trouble::Trouble;

/// How long one of them may take: the others know it as well.
const ANSWER: Duration = Duration::from_secs(1);

/// The Sentinels of a group of servers, one of which takes writes.
pub(super) struct Sentinels {
    clients: Vec<Client>,
    /// The group's name.
    name: String,
    /// How to connect to its servers, but for where they are.
    server: ConnectionInfo,
}

/// What one of them says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Primary {
    /// Of which configuration it knows: the highest is the newest.
    epoch: u64,
    host: String,
    port: u16,
}

impl Sentinels {
    /// `server` is an address of the group's servers with another place in it.
    pub(super) fn new(
        at: impl IntoIterator<Item = ConnectionAddr>,
        credentials: &RedisConnectionInfo,
        name: String,
        server: ConnectionInfo,
    ) -> redis::RedisResult<Self> {
        let client = |at: ConnectionAddr| {
            let info = server.clone().set_addr(at);
            Client::open(info.set_redis_settings(credentials.clone()))
        };
        let clients = at.into_iter().map(client).collect::<Result<_, _>>()?;
        Ok(Self { clients, name, server })
    }

    pub(super) fn server(&self) -> &ConnectionInfo {
        &self.server
    }

    /// The server that takes writes now. All are asked, since one that is cut off from the others knows of an older one.
    pub(super) async fn primary(&self) -> Result<Client, Unfit> {
        let asked = self.clients.iter().map(|client| async {
            timeout(ANSWER, self.ask(client)).await.unwrap_or_else(|_| Err(super::link::late()))
        });
        let mut trouble = super::link::late();
        let mut is_unknown = false;
        let mut newest = None;
        for answer in join_all(asked).await {
            match answer {
                Ok(Some(primary)) => newest = newest.max(Some(primary)),
                Ok(None) => is_unknown = true,
                Err(error) => trouble = error,
            }
        }
        let Some(Primary { host, port, .. }) = newest else {
            let name = self.name.clone();
            return Err(match is_unknown {
                true => Unfit::Never(ConnectError::UnknownPrimary { name }),
                false => Unfit::Trouble(trouble),
            });
        };
        let addr = match self.server.addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                let (insecure, tls_params) = (*insecure, tls_params.clone());
                ConnectionAddr::TcpTls { host, port, insecure, tls_params }
            }
            _ => ConnectionAddr::Tcp(host, port),
        };
        Ok(Client::open(self.server.clone().set_addr(addr))?)
    }

    /// None where it knows of no such group.
    async fn ask(&self, client: &Client) -> Result<Option<Primary>, Trouble> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER))
            .set_response_timeout(Some(ANSWER));
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        let mut commands = redis::pipe();
        commands.cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        commands.cmd("SENTINEL").arg("MASTER").arg(&self.name);
        let answers = connection.send_packed_commands(&commands, 0, commands.len()).await?;
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or(Value::Nil);
        let at = from_redis_value::<Option<(String, u16)>>(next().extract_error()?);
        let Some((host, port)) = at.map_err(Trouble::garbled)? else { return Ok(None) };
        // One that does not say it is believed where no other says it.
        let facts = from_redis_value::<HashMap<String, String>>(next()).unwrap_or_default();
        let epoch = facts.get("config-epoch").and_then(|epoch| epoch.parse().ok());
        Ok(Some(Primary { epoch: epoch.unwrap_or_default(), host, port }))
    }
}

impl fmt::Display for Sentinels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for client in &self.clients {
            write!(f, "{},", client.get_connection_info().addr())?;
        }
        write!(f, " `{}` of these Sentinels", self.name)
    }
}
