//! One connection of a socket that is followed.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytestring::ByteString;
use futures_util::{Sink as _, Stream as _};
use http::HeaderValue;
use serde::Deserialize;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message as Frame};

use super::events::Silence;
use super::link::{Attempt, Failure};
use super::news::{Error, Lost};
use super::transport::{Wire, chain};
use crate::message::Payload;
use crate::receive::Told;

pub(super) type Connected = (WebSocketStream<Wire>, Option<HeaderValue>);

/// So long a handshake may take.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(30);

pub(super) struct Open {
    ws: WebSocketStream<Wire>,
    silence: Silence,
    /// The text that all heartbeats are, once the first has come.
    beat: Option<ByteString>,
    heard: bool,
}

pub(super) async fn connect(
    mut attempt: Attempt,
    protocols: String,
    largest: usize,
) -> Result<Connected, Failure> {
    attempt.authorize().await?;
    let broken = |error: String| Failure::Again(Lost::Broken(error), Duration::ZERO);
    let opened = async {
        let wire = attempt.client.connect(attempt.uri.clone()).await.map_err(broken)?;
        let request = request(&attempt, &protocols).map_err(|error| broken(error.to_string()))?;
        let config = WebSocketConfig::default();
        let config = config.max_message_size(Some(largest)).max_frame_size(Some(largest));
        let opened = tokio_tungstenite::client_async_with_config(request, wire, Some(config));
        match opened.await {
            Ok((ws, _)) => Ok(ws),
            Err(WsError::Http(response)) => {
                Err(attempt.judge(response.status(), response.headers()))
            }
            Err(error) => Err(broken(chain(&error))),
        }
    };
    let late = |_| Failure::Again(Lost::Silent(HANDSHAKE), Duration::ZERO);
    let ws = timeout(HANDSHAKE, opened).await.map_err(late)??;
    Ok((ws, attempt.token.clone()))
}

fn request(attempt: &Attempt, protocols: &str) -> Result<Request, WsError> {
    let url = attempt.uri.to_string().replacen("http", "ws", 1);
    let mut request = url.into_client_request()?;
    let headers = request.headers_mut();
    for (name, value) in &attempt.headers {
        headers.insert(name, value.clone());
    }
    if !protocols.is_empty() {
        headers.insert("sec-websocket-protocol", HeaderValue::try_from(protocols)?);
    }
    Ok(request)
}

impl Open {
    pub(super) fn new(ws: WebSocketStream<Wire>) -> Self {
        Self { ws, silence: Silence::default(), beat: None, heard: false }
    }

    /// Hands over what waits, as far as there is room.
    pub(super) fn write(
        &mut self,
        queue: &mut VecDeque<Frame>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WsError>> {
        let mut ws = Pin::new(&mut self.ws);
        while !queue.is_empty() {
            ready!(ws.as_mut().poll_ready(cx))?;
            if let Some(frame) = queue.pop_front() {
                ws.as_mut().start_send(frame)?;
            }
        }
        ws.poll_flush(cx)
    }

    /// Ready once the server has closed; what waits is written before.
    pub(super) fn poll_closed(
        &mut self,
        queue: &mut VecDeque<Frame>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        while let Poll::Ready(Ok(())) = self.write(queue, cx) {
            match ready!(Pin::new(&mut self.ws).poll_next(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }

    /// The next message that is the application's or a reset.
    pub(super) fn read(
        &mut self,
        cx: &mut Context<'_>,
        last: fn(u16) -> bool,
        largest: usize,
    ) -> Poll<Result<Payload, Failure>> {
        let again = |cause| Poll::Ready(Err(Failure::Again(cause, Duration::ZERO)));
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.ws).poll_next(cx) else {
                let time = ready!(self.silence.poll(cx));
                return again(Lost::Silent(time));
            };
            self.silence.ends();
            let payload = match frame {
                Some(Ok(Frame::Text(text))) => Payload::Text(ByteString::from(text.as_str())),
                Some(Ok(Frame::Binary(bytes))) => Payload::Binary(bytes),
                Some(Ok(Frame::Close(close))) => {
                    // The answer to it, as far as there is room: the server closes either way.
                    let _ = Pin::new(&mut self.ws).poll_flush(cx);
                    return Poll::Ready(Err(closed(close, last)));
                }
                // Pings are answered by whom they come through.
                Some(Ok(_)) => continue,
                Some(Err(WsError::Capacity(_))) => {
                    return Poll::Ready(Err(Failure::End(Error::TooLarge(largest))));
                }
                Some(Err(error)) => return again(Lost::Broken(chain(&error))),
                None => return again(Lost::Ended(None)),
            };
            if !self.is_beat(&payload) {
                return Poll::Ready(Ok(payload));
            }
        }
    }

    /// All heartbeats are the same text, which comes first of all: no later message can pretend to be one.
    fn is_beat(&mut self, payload: &Payload) -> bool {
        let Payload::Text(text) = payload else { return false };
        if !std::mem::replace(&mut self.heard, true)
            && let Some(Told::Heartbeat(every)) = told(payload)
        {
            self.beat = Some(text.clone());
            self.silence.beats(Duration::from_millis(every));
        }
        self.beat.as_ref() == Some(text)
    }
}

/// What a close of the server's means.
fn closed(close: Option<CloseFrame>, last: fn(u16) -> bool) -> Failure {
    let Some(CloseFrame { code, reason }) = close else {
        return Failure::Again(Lost::Ended(None), Duration::ZERO);
    };
    let (code, reason) = (u16::from(code), reason.to_string());
    if code == 3000 {
        return Failure::Again(Lost::Expired, Duration::ZERO);
    }
    if last(code) {
        return Failure::End(Error::Closed { code, reason });
    }
    // A server that sent this address too much again says when to come back.
    let ahead = reason.rsplit_once("retry in ").and_then(|(_, it)| it.strip_suffix(" ms"));
    let ahead = ahead.and_then(|ms| ms.parse().ok()).map(Duration::from_millis);
    Failure::Again(Lost::Ended(Some((code, reason))), ahead.unwrap_or_default())
}

/// What the library itself says over a socket, if the payload is that.
pub(super) fn told(payload: &Payload) -> Option<Told> {
    #[derive(Deserialize)]
    struct Own<'a> {
        #[serde(rename = "type", borrow)]
        kind: &'a str,
        data: Option<u64>,
    }
    let Payload::Text(text) = payload else { return None };
    // Most messages are none, and are not read twice.
    if !text.starts_with(r#"{"type":"ereo."#) {
        return None;
    }
    let Own { kind, data } = serde_json::from_str(text).ok()?;
    let data = data.map_or_else(|| text.to_string(), |data| data.to_string());
    Told::of(Some(kind), &data)
}
