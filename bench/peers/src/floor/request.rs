//! The requests that the floor knows.

use ereo_bench::wire;

/// A request of the benchmark.
#[derive(Debug)]
pub enum Request<'a> {
    /// `GET /api/ws`.
    Upgrade,
    /// `GET /ws`.
    Echo,
    /// `GET /api/feed`.
    Events,
    /// `POST /api/feed`, with what is to be published.
    Post(&'a [u8]),
    /// Anything else.
    Unknown,
}

impl Request<'_> {
    /// The head of the answer, or all of it.
    pub fn answer(&self) -> String {
        match self {
            Self::Upgrade | Self::Echo => format!(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {}\r\n\r\n",
                wire::ACCEPT
            ),
            Self::Events => {
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_owned()
            }
            Self::Post(_) => "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned(),
            Self::Unknown => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
        }
    }
}

/// The first whole request, and how many bytes it takes.
pub fn read_request(bytes: &[u8]) -> Option<(Request<'_>, usize)> {
    let end = wire::head(bytes)?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
    let length =
        wire::header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let body = bytes.get(end..end + length)?;
    let request = match head.lines().next().unwrap_or_default() {
        "GET /api/ws HTTP/1.1" => Request::Upgrade,
        "GET /ws HTTP/1.1" => Request::Echo,
        "GET /api/feed HTTP/1.1" => Request::Events,
        "POST /api/feed HTTP/1.1" => Request::Post(body),
        _ => Request::Unknown,
    };
    Some((request, end + length))
}
