//! Frames (RFC 6455 section 5): headers read and written, without IO and without state.

use bytes::{BufMut as _, Bytes, BytesMut};

/// The largest payload of a control frame (section 5.5).
pub const MAX_CONTROL: usize = 125;
/// The largest header that a client can send: 2 bytes, 8 of length, 4 of masking key.
pub const MAX_HEADER: usize = 14;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

/// The kind of a frame (section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpCode {
    /// Goes on with the message that an earlier frame began.
    Continuation,
    /// Begins a text message.
    Text,
    /// Begins a binary message.
    Binary,
    /// Ends the connection.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping, or is a heartbeat.
    Pong,
}

impl OpCode {
    /// The opcode with this number; `None` for the reserved ones.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xA,
        }
    }

    /// Control frames may stand between the fragments of a message (section 5.4).
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The three bits that extensions give a meaning to (section 5.2).
///
/// They are carried, not judged: RSV1 is permessage-deflate's (RFC 7692), and whether it may be set
/// is known to the reader, which knows what was negotiated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rsv(u8);

impl Rsv {
    /// No bit set: a frame without extensions.
    pub const NONE: Self = Self(0);
    /// Only RSV1: "this message is compressed".
    pub const RSV1: Self = Self(0x40);

    /// True if a bit is set that is not in `allowed`.
    pub const fn exceeds(self, allowed: Self) -> bool {
        self.0 & !allowed.0 != 0
    }
}

/// A frame's header (section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// True for the last frame of its message.
    pub fin: bool,
    /// Extension bits.
    pub rsv: Rsv,
    /// The frame's kind.
    pub opcode: OpCode,
    /// The masking key, if the payload is masked.
    pub mask: Option<[u8; 4]>,
    /// Bytes of payload.
    pub length: u64,
}

/// A header that section 5.2 or 5.5 forbids; the connection fails with 1002.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Section 5.2: "the receiving endpoint MUST fail" on an unknown opcode.
    #[error("reserved opcode")]
    ReservedOpcode,
    /// Section 5.2: "the minimal number of bytes MUST be used to encode the length".
    #[error("payload length not in its shortest form")]
    LengthNotMinimal,
    /// Section 5.2: of a 64-bit length "the most significant bit MUST be 0".
    #[error("payload length above 2^63")]
    LengthTooLarge,
    /// Section 5.5: control frames "MUST have a payload length of 125 bytes or less".
    #[error("control frame of more than 125 bytes")]
    ControlTooLong,
    /// Section 5.5: control frames "MUST NOT be fragmented".
    #[error("fragmented control frame")]
    ControlFragmented,
}

impl Header {
    /// How many bytes the header has that begins with these two.
    pub const fn size(first_two: [u8; 2]) -> usize {
        let length = match first_two[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask = if first_two[1] & MASKED == 0 { 0 } else { 4 };
        2 + length + mask
    }

    /// Reads the header at the front of `bytes`: `None` as long as it is not whole, else the header
    /// and its size. A header whose first two bytes are wrong is refused before the rest is there.
    ///
    /// # Errors
    /// [`HeaderError`] for what the protocol forbids whatever the state of the connection.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, HeaderError> {
        let &[first, second, ref rest @ ..] = bytes else {
            return Ok(None);
        };
        let fin = first & FIN != 0;
        let opcode = OpCode::from_bits(first & 0x0f).ok_or(HeaderError::ReservedOpcode)?;
        let short = second & 0x7f;
        if opcode.is_control() {
            if !fin {
                return Err(HeaderError::ControlFragmented);
            }
            if usize::from(short) > MAX_CONTROL {
                return Err(HeaderError::ControlTooLong);
            }
        }
        let (length, rest) = match short {
            126 => match rest {
                &[a, b, ref rest @ ..] => (u64::from(u16::from_be_bytes([a, b])), rest),
                _ => return Ok(None),
            },
            127 => match rest.split_first_chunk() {
                Some((length, rest)) => (u64::from_be_bytes(*length), rest),
                None => return Ok(None),
            },
            short => (u64::from(short), rest),
        };
        match (short, length) {
            (126, 0..=125) | (127, 0..=0xffff) => return Err(HeaderError::LengthNotMinimal),
            (127, length) if length >> 63 == 1 => return Err(HeaderError::LengthTooLarge),
            _ => {}
        }
        let mask = if second & MASKED == 0 {
            None
        } else {
            match rest.first_chunk() {
                Some(key) => Some(*key),
                None => return Ok(None),
            }
        };
        let header = Self { fin, rsv: Rsv(first & 0x70), opcode, mask, length };
        Ok(Some((header, Self::size([first, second]))))
    }

    /// How many bytes [`write`](Self::write) appends.
    const fn written_size(&self) -> usize {
        let length = match self.length {
            0..=125 => 0,
            126..=0xffff => 2,
            _ => 8,
        };
        let mask = if self.mask.is_some() { 4 } else { 0 };
        2 + length + mask
    }

    /// Appends the header in its one valid, shortest form.
    pub fn write(&self, out: &mut BytesMut) {
        let fin = if self.fin { FIN } else { 0 };
        let masked = if self.mask.is_some() { MASKED } else { 0 };
        out.put_u8(fin | self.rsv.0 | self.opcode.bits());
        match self.length {
            // The guards of the arms make both narrowing casts exact.
            0..=125 => out.put_u8(masked | self.length as u8),
            126..=0xffff => {
                out.put_u8(masked | 126);
                out.put_u16(self.length as u16);
            }
            _ => {
                out.put_u8(masked | 127);
                out.put_u64(self.length);
            }
        }
        if let Some(key) = self.mask {
            out.put_slice(&key);
        }
    }
}

/// A whole unmasked message as one frame (section 5.1: a server must not mask).
///
/// The bytes are the same for every connection, so one encoding can be shared by all of them.
pub fn encode(opcode: OpCode, payload: &[u8]) -> Bytes {
    encode_with(Rsv::NONE, opcode, payload)
}

/// [`encode`] with extension bits, for payloads that an extension has transformed.
pub fn encode_with(rsv: Rsv, opcode: OpCode, payload: &[u8]) -> Bytes {
    // A slice is at most isize::MAX bytes long, so the length has its top bit clear.
    let header = Header { fin: true, rsv, opcode, mask: None, length: payload.len() as u64 };
    // With nothing to spare, `Bytes` takes the allocation over as it is.
    let mut out = BytesMut::with_capacity(header.written_size() + payload.len());
    header.write(&mut out);
    out.put_slice(payload);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Option<Header>, HeaderError> {
        Header::parse(bytes).map(|found| found.map(|(header, _)| header))
    }

    #[test]
    fn the_examples_of_section_5_7() {
        assert_eq!(&encode(OpCode::Text, b"Hello")[..], b"\x81\x05Hello");
        assert_eq!(&encode(OpCode::Ping, b"Hello")[..], b"\x89\x05Hello");
        assert_eq!(encode(OpCode::Binary, &[0; 256])[..4], [0x82, 0x7e, 0x01, 0x00]);
        assert_eq!(encode(OpCode::Binary, &[0; 65536])[..10], [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
        let masked = parse(b"\x81\x85\x37\xfa\x21\x3d").unwrap().unwrap();
        assert_eq!(masked.mask, Some([0x37, 0xfa, 0x21, 0x3d]));
        assert_eq!((masked.fin, masked.opcode, masked.length), (true, OpCode::Text, 5));
    }

    #[test]
    fn every_prefix_of_a_header_asks_for_more() {
        let whole = [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4];
        for end in 0..whole.len() {
            assert_eq!(Header::parse(&whole[..end]), Ok(None), "{end} bytes");
        }
        assert_eq!(Header::parse(&whole).unwrap().unwrap().1, whole.len());
    }

    #[test]
    fn lengths_have_one_form_only() {
        assert_eq!(parse(&[0x82, 126, 0, 125]), Err(HeaderError::LengthNotMinimal));
        assert_eq!(parse(&[0x82, 126, 0, 126]).unwrap().unwrap().length, 126);
        let long = |length: u64| [&[0x82, 127][..], &length.to_be_bytes()].concat();
        assert_eq!(parse(&long(0xffff)), Err(HeaderError::LengthNotMinimal));
        assert_eq!(parse(&long(0x1_0000)).unwrap().unwrap().length, 0x1_0000);
        assert_eq!(parse(&long(1 << 63)), Err(HeaderError::LengthTooLarge));
        assert_eq!(parse(&long((1 << 63) - 1)).unwrap().unwrap().length, (1 << 63) - 1);
    }

    #[test]
    fn control_frames_are_short_and_whole() {
        assert_eq!(parse(&[0x89, 126]), Err(HeaderError::ControlTooLong));
        assert_eq!(parse(&[0x09, 0]), Err(HeaderError::ControlFragmented));
        assert_eq!(parse(&[0x83, 0]), Err(HeaderError::ReservedOpcode));
        assert_eq!(parse(&[0x8b, 0]), Err(HeaderError::ReservedOpcode));
    }

    #[test]
    fn extension_bits_are_carried() {
        let header = parse(&[0xc1, 0]).unwrap().unwrap();
        assert_eq!(header.rsv, Rsv::RSV1);
        assert!(header.rsv.exceeds(Rsv::NONE) && !header.rsv.exceeds(Rsv::RSV1));
        assert_eq!(encode_with(Rsv::RSV1, OpCode::Text, b"")[0], 0xc1);
    }

    proptest::proptest! {
        #[test]
        fn a_written_header_reads_back(
            fin: bool, length in 0u64..1 << 40, mask: Option<[u8; 4]>, rsv in 0u8..8, binary: bool,
        ) {
            let opcode = if binary { OpCode::Binary } else { OpCode::Text };
            let header = Header { fin, rsv: Rsv(rsv << 4), opcode, mask, length };
            let mut out = BytesMut::new();
            header.write(&mut out);
            proptest::prop_assert_eq!(header.written_size(), out.len());
            proptest::prop_assert_eq!(Header::parse(&out), Ok(Some((header, out.len()))));
        }
    }
}
