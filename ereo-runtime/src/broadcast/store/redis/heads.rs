//! Where the logs stand: what all mirrors ask now and then is asked for together.

use std::time::Duration;

use redis::{Value, from_redis_value};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::link::Link;
use super::trouble::Trouble;
use crate::log::{Epoch, Position};
use crate::sync::Arc;

/// So many are asked for at once.
const MOST: usize = 1024;

/// How long is waited for others that ask.
const GATHER: Duration = Duration::from_millis(10);

/// Asks for a log's head; none where there is no log.
pub(super) struct Look {
    pub(super) key: String,
    pub(super) answer: oneshot::Sender<Result<Option<Position>, Trouble>>,
}

/// Asks for as long as somebody may want to know.
pub(super) async fn look(link: Arc<Link>, mut asked: mpsc::Receiver<Look>) {
    let mut batch = Vec::new();
    while asked.recv_many(&mut batch, MOST).await > 0 {
        sleep(GATHER).await;
        while batch.len() < MOST
            && let Ok(more) = asked.try_recv()
        {
            batch.push(more);
        }
        let mut commands = redis::pipe();
        for Look { key, .. } in &batch {
            commands.cmd("HMGET").arg(key).arg("e").arg("o");
        }
        let answers = link.ask_all(&commands).await;
        match answers {
            Ok(answers) => batch
                .drain(..)
                .zip(answers)
                .for_each(|(look, answer)| drop(look.answer.send(head(answer)))),
            Err(trouble) => {
                batch.drain(..).for_each(|look| drop(look.answer.send(Err(trouble.clone()))));
            }
        }
    }
}

fn head(answer: Value) -> Result<Option<Position>, Trouble> {
    let answer = answer.extract_error()?;
    let fields = from_redis_value::<(Option<String>, Option<u64>)>(answer);
    let (Some(epoch), Some(offset)) = fields.map_err(Trouble::garbled)? else { return Ok(None) };
    let epoch = u64::from_str_radix(&epoch, 16).map_err(Trouble::garbled)?;
    Ok(Some(Position::new(Epoch::from_bits(epoch), offset)))
}
