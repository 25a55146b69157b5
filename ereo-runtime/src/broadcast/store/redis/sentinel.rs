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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// One that says this of the group, or that it knows none.
    async fn saying(known: Option<(u64, &'static str)>) -> ConnectionAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut asked = [0; 4096];
                    while let Ok(count @ 1..) = socket.read(&mut asked).await {
                        let asked = String::from_utf8_lossy(&asked[..count]).into_owned();
                        // Each command is an array of bulk strings.
                        let answer = |command: &str| match known {
                            Some((_, host)) if command.contains("GET-MASTER") => {
                                format!("*2\r\n${}\r\n{host}\r\n$4\r\n6379\r\n", host.len())
                            }
                            Some((epoch, _)) if command.contains("MASTER") => {
                                format!("*2\r\n$12\r\nconfig-epoch\r\n$1\r\n{epoch}\r\n")
                            }
                            None if command.contains("GET-MASTER") => "*-1\r\n".to_owned(),
                            None if command.contains("MASTER") => {
                                "-ERR No such master with that name\r\n".to_owned()
                            }
                            _ => "+OK\r\n".to_owned(),
                        };
                        let answers: String = asked.split('*').skip(1).map(answer).collect();
                        let _ = socket.write_all(answers.as_bytes()).await;
                    }
                });
            }
        });
        ConnectionAddr::Tcp("127.0.0.1".to_owned(), port)
    }

    async fn found(at: Vec<ConnectionAddr>) -> Result<String, Unfit> {
        let server = Client::open("redis://any").unwrap().get_connection_info().clone();
        let none = RedisConnectionInfo::default();
        let sentinels = Sentinels::new(at, &none, "group".to_owned(), server).unwrap();
        Ok(sentinels.primary().await?.get_connection_info().addr().to_string())
    }

    #[tokio::test]
    async fn who_knows_of_the_newest_configuration_is_believed() {
        let (old, new) = (saying(Some((3, "old"))).await, saying(Some((4, "new"))).await);
        let (unknown, nobody) =
            (saying(None).await, ConnectionAddr::Tcp("127.0.0.1".to_owned(), 1));
        for at in [[&old, &new, &unknown, &nobody], [&nobody, &unknown, &new, &old]] {
            assert_eq!(found(at.map(Clone::clone).into()).await.unwrap(), "new:6379");
        }
        assert_eq!(found(vec![nobody.clone(), old]).await.unwrap(), "old:6379");
        let none = found(vec![nobody.clone(), unknown]).await;
        let name = "group".to_owned();
        assert!(
            matches!(none, Err(Unfit::Never(ref error)) if *error == ConnectError::UnknownPrimary { name })
        );
        let none = found(vec![nobody]).await;
        assert!(matches!(none, Err(Unfit::Trouble(Trouble::Unreachable(_)))));
    }
}
