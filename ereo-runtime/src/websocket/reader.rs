//! The receiving side (RFC 6455 sections 5 and 6.2) without IO: bytes in, in any split, messages out.
//!
//! A message is refused at the header that makes it too large, so what it declares is never
//! allocated or buffered: the reader holds at most `max_message` bytes of one message. One that comes
//! compressed is inflated as it arrives, within the same bound.

use bytes::{Buf as _, Bytes};
use bytestring::ByteString;
use tokio::time::Instant;

use super::close::{self, CloseCode, PayloadError};
use super::message_buffer::{self, MessageBuffer};
use crate::wire::{
    Agreement, Header, HeaderError, Inbound, InflateError, MAX_HEADER, OpCode, Rsv, Work, mask,
};

/// What the peer sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A whole text message.
    Text(ByteString),
    /// A whole binary message.
    Binary(Bytes),
    /// A ping, with the payload that its pong must carry.
    Ping(Bytes),
    /// A pong.
    Pong(Bytes),
    /// A close frame. Nothing comes after it.
    Close(Option<CloseCode>, ByteString),
}

impl Event {
    /// Bytes of its payload.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) | Self::Close(_, text) => text.len(),
            Self::Binary(bytes) | Self::Ping(bytes) | Self::Pong(bytes) => bytes.len(),
        }
    }
}

/// What breaks the protocol; closed with 1002.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A header that is wrong by itself.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Section 5.1: "a client MUST mask all frames".
    #[error("a client's frame was not masked")]
    Unmasked,
    /// Section 5.2: an extension bit without the extension, or where the extension has no use for it.
    #[error("an extension bit is set that nothing was negotiated for")]
    ReservedBit,
    /// Section 5.4: a continuation without a beginning.
    #[error("a continuation frame, but no message to go on with")]
    NothingToContinue,
    /// Section 5.4: a new message inside a fragmented one.
    #[error("a new message inside a fragmented one")]
    Interleaved,
    /// Section 5.5.1: a close frame with one byte.
    #[error("a close frame with half a code")]
    CloseHalfACode,
    /// Section 7.4: a code that must not be sent.
    #[error("a close frame with the code {0}, which may not be sent")]
    CloseCode(u16),
}

/// Why the peer's bytes cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Closed with 1002.
    #[error("protocol error: {0}")]
    Protocol(#[from] ProtocolError),
    /// Closed with 1009.
    #[error("a message of more than {limit} bytes")]
    TooBig {
        /// `max_message`.
        limit: usize,
    },
    /// Closed with 1007.
    #[error("text that is not UTF-8")]
    InvalidUtf8,
    /// Closed with 1007: a compressed message that does not inflate.
    #[error("compressed data that is corrupt")]
    Corrupt,
}

impl From<InflateError> for ReadError {
    fn from(error: InflateError) -> Self {
        match error {
            InflateError::TooBig { limit } => Self::TooBig { limit },
            InflateError::Corrupt => Self::Corrupt,
        }
    }
}

/// An incremental reader of a client's frames.
#[derive(Debug)]
pub struct Reader {
    /// Boxed: most connections are in the middle of nothing.
    begun: Option<Box<Begun>>,
    /// Where compression was negotiated.
    inbound: Option<Box<Inbound>>,
    /// In few bytes: no message is larger than 4 GiB.
    max_message: u32,
    failed: bool,
}

/// What is read in part.
#[derive(Debug, Default)]
struct Begun {
    /// A header that the last chunk ended in.
    partial: Partial,
    frame: Option<Payload>,
    /// The payload of a control frame, which may come in pieces.
    control: Vec<u8>,
    message: Option<MessageBuffer>,
    /// Since when, as whoever has a clock has said.
    since: Option<Instant>,
}

impl Begun {
    fn is_over(&self) -> bool {
        self.partial.len() == 0 && self.frame.is_none() && self.message.is_none()
    }
}

/// A frame whose payload is being read.
#[derive(Debug)]
struct Payload {
    fin: bool,
    opcode: OpCode,
    key: [u8; 4],
    done: usize,
    left: usize,
}

impl Reader {
    /// A reader of messages of at most `max_message` bytes, and of 4 GiB.
    pub fn new(max_message: usize) -> Self {
        let max_message = u32::try_from(max_message).unwrap_or(u32::MAX);
        Self { max_message, begun: None, inbound: None, failed: false }
    }

    /// Takes compressed messages as well, if that was agreed on.
    pub(crate) fn inflating(mut self, agreement: Option<Agreement>) -> Self {
        self.inbound = agreement.map(Inbound::new).map(Box::new);
        self
    }

    /// The next event in `input`, the next bytes from the peer, of which it takes what it has read.
    /// `None` asks for more: all was taken.
    ///
    /// # Errors
    /// [`ReadError`], once; from then on everything is thrown away.
    pub fn next(&mut self, input: &mut Bytes) -> Result<Option<Event>, ReadError> {
        self.read(input, &mut Work::default())
    }

    /// The same, and tells what inflating was for it.
    pub(crate) fn read(
        &mut self,
        input: &mut Bytes,
        work: &mut Work,
    ) -> Result<Option<Event>, ReadError> {
        if self.failed {
            *input = Bytes::new();
            return Ok(None);
        }
        let read = self.advance(input, work);
        if read.is_err() {
            self.failed = true;
            *input = Bytes::new();
        }
        self.begun.take_if(|begun| self.failed || begun.is_over());
        read
    }

    /// Since when a message, or a frame, is read in part: since `now`, if that was not asked before.
    pub(super) fn begun_at(&mut self, now: impl FnOnce() -> Instant) -> Option<Instant> {
        self.begun.as_mut().map(|begun| *begun.since.get_or_insert_with(now))
    }

    /// The peer was not listened to up to `now`, and has its time again.
    pub(super) fn rests(&mut self, now: Instant) {
        if let Some(begun) = &mut self.begun {
            begun.since = Some(now);
        }
    }

    /// What is read in part, from now on if not before.
    fn begun(&mut self) -> &mut Begun {
        self.begun.get_or_insert_default()
    }

    fn advance(&mut self, input: &mut Bytes, work: &mut Work) -> Result<Option<Event>, ReadError> {
        loop {
            let mut frame = match self.begun.as_mut().and_then(|begun| begun.frame.take()) {
                Some(frame) => frame,
                None => {
                    let Some(header) = self.header(input)? else { return Ok(None) };
                    if let Some(event) = self.whole(&header, input)? {
                        return Ok(Some(event));
                    }
                    self.accept(header)?
                }
            };
            let chunk = input.split_to(frame.left.min(input.len()));
            self.store(&frame, &chunk, work)?;
            frame.done += chunk.len();
            frame.left -= chunk.len();
            if frame.left > 0 {
                self.begun().frame = Some(frame);
                return Ok(None);
            }
            if let Some(event) = self.finish(&frame, work)? {
                return Ok(Some(event));
            }
        }
    }

    /// The next header, straight from the input unless an earlier chunk ended inside it.
    fn header(&mut self, input: &mut Bytes) -> Result<Option<Header>, ProtocolError> {
        let partial = self.begun.as_mut().map(|begun| &mut begun.partial);
        let Some(partial) = partial.filter(|partial| partial.len() > 0) else {
            if let Some((header, size)) = Header::parse(input)? {
                consume(input, size);
                return Ok(Some(header));
            }
            // Fewer than a header's bytes are left, else it would have been read.
            let rest = std::mem::take(input);
            if !rest.is_empty() {
                self.begun().partial.fill(&rest);
            }
            return Ok(None);
        };
        let before = partial.len();
        partial.fill(input);
        let found = Header::parse(partial.as_slice())?;
        let after = found.map_or(partial.len(), |(_, size)| size);
        if found.is_some() {
            *partial = Partial::default();
        }
        consume(input, after - before);
        Ok(found.map(|(header, _)| header))
    }

    /// The message of a frame that makes up one alone and is there as a whole, as most are: nothing of
    /// it has to be kept for later. What is not of that kind, or not allowed, is left to the others.
    fn whole(&mut self, header: &Header, input: &mut Bytes) -> Result<Option<Event>, ReadError> {
        let text = match header.opcode {
            OpCode::Text => true,
            OpCode::Binary => false,
            _ => return Ok(None),
        };
        let message = self.begun.as_ref().and_then(|begun| begun.message.as_ref());
        let (true, Rsv::NONE, None, Some(key)) = (header.fin, header.rsv, message, header.mask)
        else {
            return Ok(None);
        };
        let most = input.len().min(self.max_message as usize);
        let Some(length) = usize::try_from(header.length).ok().filter(|length| *length <= most)
        else {
            return Ok(None);
        };
        let mut bytes = Vec::with_capacity(length);
        mask::extend(&mut bytes, &input[..length], key, 0);
        let event = message_buffer::event(bytes, text)?;
        consume(input, length);
        Ok(Some(event))
    }

    /// Judges a header in the state of the connection, before a byte of its payload is looked at.
    fn accept(&mut self, header: Header) -> Result<Payload, ReadError> {
        // RFC 7692 section 6: only the first frame of a data message has the bit.
        let may_be_compressed = matches!(header.opcode, OpCode::Text | OpCode::Binary);
        let inbound = self.inbound.as_mut().filter(|_| may_be_compressed);
        if header.rsv.exceeds(if inbound.is_some() { Rsv::RSV1 } else { Rsv::NONE }) {
            return Err(ProtocolError::ReservedBit.into());
        }
        let key = header.mask.ok_or(ProtocolError::Unmasked)?;
        let left = match header.opcode {
            OpCode::Close | OpCode::Ping | OpCode::Pong => {
                // Header::parse has refused more than 125.
                let length = header.length as usize;
                self.begun().control = Vec::with_capacity(length);
                length
            }
            OpCode::Continuation => {
                let message = self.begun.as_mut().and_then(|begun| begun.message.as_mut());
                message.ok_or(ProtocolError::NothingToContinue)?.expect(header.length)?
            }
            OpCode::Text | OpCode::Binary => {
                let begun = self.begun.get_or_insert_default();
                if begun.message.is_some() {
                    return Err(ProtocolError::Interleaved.into());
                }
                let inflating =
                    inbound.filter(|_| header.rsv == Rsv::RSV1).map(|inbound| inbound.begin());
                let message = MessageBuffer::new(header.opcode, self.max_message as usize)
                    .inflating(inflating);
                begun.message.insert(message).expect(header.length)?
            }
        };
        Ok(Payload { fin: header.fin, opcode: header.opcode, key, done: 0, left })
    }

    fn store(&mut self, frame: &Payload, chunk: &[u8], work: &mut Work) -> Result<(), ReadError> {
        let begun = self.begun();
        if frame.opcode.is_control() {
            mask::extend(&mut begun.control, chunk, frame.key, frame.done);
        } else if let Some(message) = &mut begun.message {
            let last = frame.fin && frame.left == chunk.len();
            message.push(chunk, frame.key, frame.done, last)?;
            work.add(message.take_work());
        }
        Ok(())
    }

    /// The event that a frame, now whole, completes.
    fn finish(&mut self, frame: &Payload, work: &mut Work) -> Result<Option<Event>, ReadError> {
        let begun = self.begun.get_or_insert_default();
        let control = std::mem::take(&mut begun.control);
        Ok(match frame.opcode {
            OpCode::Ping => Some(Event::Ping(control.into())),
            OpCode::Pong => Some(Event::Pong(control.into())),
            OpCode::Close => {
                let (code, reason) = close::parse(&control).map_err(|error| match error {
                    PayloadError::HalfACode => ProtocolError::CloseHalfACode.into(),
                    PayloadError::Code(code) => ProtocolError::CloseCode(code).into(),
                    PayloadError::Utf8 => ReadError::InvalidUtf8,
                })?;
                // Section 5.5.1: no frame may follow; what does is not read.
                self.failed = true;
                Some(Event::Close(code, reason))
            }
            _ if frame.fin => {
                let Some(mut message) = begun.message.take() else { return Ok(None) };
                let inflated = message.finish(work)?;
                if let (Some(inbound), Some(inflated)) = (&mut self.inbound, inflated) {
                    inbound.finish(inflated);
                }
                Some(message.into_event()?)
            }
            _ => None,
        })
    }
}

/// Passes by what was read, and lets go of the chunk behind its end: what is empty may still hold it.
fn consume(input: &mut Bytes, length: usize) {
    if length == input.len() {
        *input = Bytes::new();
    } else {
        input.advance(length);
    }
}

#[cfg(test)]
pub(crate) mod tests;

/// The beginning of a frame's header that the last chunk ended in, without an allocation.
#[derive(Debug, Default)]
struct Partial {
    bytes: [u8; MAX_HEADER],
    length: u8,
}

const _: () = assert!(MAX_HEADER <= u8::MAX as usize);

impl Partial {
    fn len(&self) -> usize {
        usize::from(self.length)
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len()]
    }

    /// Appends what fits and says how much that was.
    fn fill(&mut self, from: &[u8]) -> usize {
        let length = self.len();
        let taken = from.len().min(MAX_HEADER - length);
        self.bytes[length..length + taken].copy_from_slice(&from[..taken]);
        // At most `MAX_HEADER`, so the sum fits.
        self.length += taken as u8;
        taken
    }
}
