//! A reader of an event stream.

use crate::Result;
use crate::http::Connection;

/// A block that had data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub data: String,
}

/// An open stream.
pub struct Events {
    pub connection: Connection,
    /// What the chunks read so far held, up to the last whole block.
    text: String,
    /// The last id, with the block that had it: a browser takes it over even without an event.
    pub id: String,
    /// Milliseconds after which to come back.
    pub retry: u64,
}

impl Events {
    /// Opens the stream behind the position `last`, if that is not empty; the status where it is none.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn open(
        mut connection: Connection,
        path: &str,
        last: &str,
    ) -> Result<std::result::Result<Self, u16>> {
        let query = if last.is_empty() { String::new() } else { format!("?lastEventID={last}") };
        let (status, _) = connection.request(&format!("GET {path}{query}"), "").await?;
        Ok(match status {
            200 => Ok(Self { connection, text: String::new(), id: last.to_owned(), retry: 0 }),
            status => Err(status),
        })
    }

    /// The next event; none when the stream has ended.
    ///
    /// # Errors
    /// When the connection breaks before that.
    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                if let Some(event) = self.block(&block) {
                    return Ok(Some(event));
                }
            }
            let Some(chunk) = self.chunk().await? else { return Ok(None) };
            self.text.push_str(&chunk);
        }
    }

    fn block(&mut self, block: &str) -> Option<Event> {
        let (mut name, mut data) = ("message", None);
        for line in block.lines() {
            match line.split_once(": ") {
                Some(("event", value)) => name = value,
                Some(("data", value)) => data = Some(value),
                Some(("id", value)) => value.clone_into(&mut self.id),
                Some(("retry", value)) => self.retry = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        Some(Event { name: name.to_owned(), data: data?.to_owned() })
    }

    /// One chunk (RFC 9112 section 7.1); none for the last.
    async fn chunk(&mut self) -> Result<Option<String>> {
        let unread = |connection: &Connection| {
            let line = connection.unread.windows(2).position(|two| two == b"\r\n")?;
            let size = std::str::from_utf8(&connection.unread[..line]).ok()?;
            let size = usize::from_str_radix(size, 16).ok()?;
            (connection.unread.len() >= line + size + 4).then_some((line + 2, size))
        };
        let (start, size) = loop {
            match unread(&self.connection) {
                Some(chunk) => break chunk,
                None => self.connection.read().await?,
            }
        };
        let chunk = self.connection.unread[start..start + size].to_vec();
        self.connection.unread.drain(..start + size + 2);
        Ok((size > 0).then_some(String::from_utf8(chunk)?))
    }
}
