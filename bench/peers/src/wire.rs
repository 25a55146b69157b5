//! The bytes of requests, chunks and frames. No more of the standards than the benchmark sends.

use memchr::memmem;

/// The key of the example in RFC 6455, section 1.3, which every client of the benchmark sends.
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What a server must answer to [`KEY`].
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A frame's opcode for text (RFC 6455, section 5.2).
pub const TEXT: u8 = 1;

/// A ping's opcode (section 5.5.2).
pub const PING: u8 = 9;
/// A whole client's pong, masked with zeroes and without payload. Nobody here checks that it carries
/// what the ping did.
pub const PONG: &[u8] = &[0x8a, 0x80, 0, 0, 0, 0];

/// A client's request for a WebSocket (RFC 6455, section 4.1).
pub fn upgrade(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n\r\n"
    )
}

/// Where the head of a request or response ends: the bytes up to and with the empty line.
pub fn head(bytes: &[u8]) -> Option<usize> {
    memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

/// A header's value, its name in lower case, from a head.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Appends a text frame as a server sends it: whole and not masked.
pub fn frame(out: &mut Vec<u8>, payload: &[u8]) {
    frame_header(out, payload.len(), 0);
    out.extend_from_slice(payload);
}

/// Appends a text frame as a client sends it: whole and masked.
pub fn masked_frame(out: &mut Vec<u8>, payload: &[u8]) {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    frame_header(out, payload.len(), 0x80);
    out.extend_from_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

fn frame_header(out: &mut Vec<u8>, length: usize, masked: u8) {
    out.push(0x80 | TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..126), _) => out.push(masked | short),
        (_, Ok(length)) => {
            out.push(masked | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// A frame as it was received.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Four bits that say what it carries.
    pub opcode: u8,
    /// The masking key of a client's frame.
    pub mask: Option<[u8; 4]>,
    /// Still masked, if there is a mask.
    pub payload: &'a [u8],
}

impl Frame<'_> {
    /// The payload in clear.
    pub fn text(&self) -> Vec<u8> {
        let mask = self.mask.unwrap_or_default();
        self.payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
    }
}

/// The first whole frame, and how many bytes it takes. `None` when it is not all there.
pub fn read_frame(bytes: &[u8]) -> Option<(Frame<'_>, usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match second & 0x7f {
        126 => {
            rest.split_first_chunk().map(|(n, rest)| (u64::from(u16::from_be_bytes(*n)), rest))?
        }
        127 => rest.split_first_chunk().map(|(n, rest)| (u64::from_be_bytes(*n), rest))?,
        short => (u64::from(short), rest),
    };
    let (mask, rest) = match second & 0x80 {
        0 => (None, rest),
        _ => rest.split_first_chunk().map(|(mask, rest)| (Some(*mask), rest))?,
    };
    let payload = rest.get(..usize::try_from(length).ok()?)?;
    let taken = bytes.len() - rest.len() + payload.len();
    Some((Frame { opcode: first & 0x0f, mask, payload }, taken))
}

/// Appends a chunk (RFC 9112, section 7.1).
pub fn chunk(out: &mut Vec<u8>, payload: &[u8]) {
    out.extend_from_slice(format!("{:x}\r\n", payload.len()).as_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(b"\r\n");
}

/// The first whole chunk's payload, and how many bytes the chunk takes. `None` when it is not all
/// there; `Err` when this is no chunk.
pub fn read_chunk(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, &'static str> {
    let Some(line) = memchr::memchr(b'\r', bytes).filter(|at| at + 1 < bytes.len()) else {
        return if bytes.len() > 20 { Err("a chunk without a size") } else { Ok(None) };
    };
    let size = std::str::from_utf8(&bytes[..line]).ok().filter(|_| bytes[line + 1] == b'\n');
    let size = size
        .and_then(|size| usize::from_str_radix(size, 16).ok())
        .ok_or("a chunk's size is no number")?;
    let (start, end) = (line + 2, line + 2 + size);
    match bytes.get(end..end + 2) {
        Some(b"\r\n") => Ok(Some((&bytes[start..end], end + 2))),
        Some(_) => Err("a chunk that does not end where it says"),
        None => Ok(None),
    }
}

/// The number after `"id":`, by which a message is known again.
pub fn id(message: &[u8]) -> Option<u32> {
    const NAME: &[u8] = b"\"id\":";
    // A letter that is rare in messages is found sooner than a searcher for the name is made.
    let mut starts = memchr::memchr_iter(b'i', message).filter_map(|at| at.checked_sub(1));
    let at = starts.find(|at| message[*at..].starts_with(NAME))? + NAME.len();
    let digits = message[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&message[at..at + digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written_and_only_when_it_is_whole() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload: Vec<u8> = (0..length).map(|n| n as u8).collect();
            for write in [frame, masked_frame] {
                let mut bytes = Vec::new();
                write(&mut bytes, &payload);
                for short in [1, bytes.len() / 2, bytes.len() - 1] {
                    assert_eq!(read_frame(&bytes[..short]), None, "{short} of {}", bytes.len());
                }
                let whole = bytes.len();
                bytes.push(0);
                let (frame, taken) = read_frame(&bytes).unwrap();
                assert_eq!((frame.opcode, frame.text(), taken), (TEXT, payload.clone(), whole));
            }
        }
    }

    #[test]
    fn a_chunk_is_read_as_it_was_written_and_only_when_it_is_whole() {
        let mut bytes = Vec::new();
        chunk(&mut bytes, b"data: {}\n\n");
        for short in 0..bytes.len() {
            assert_eq!(read_chunk(&bytes[..short]), Ok(None));
        }
        assert_eq!(read_chunk(&bytes), Ok(Some((&b"data: {}\n\n"[..], bytes.len()))));
        assert!(read_chunk(b"5\r\nlonger than five\r\n").is_err());
        assert!(read_chunk(b"data: not a chunk at all\r\n").is_err());
    }

    #[test]
    fn a_message_is_known_by_its_id() {
        assert_eq!(
            id(br#"{"type":"message","userId":"anonymous","id":1000017,"text":"x"}"#),
            Some(1_000_017)
        );
        assert_eq!(id(br#"{"type":"user_joined","userId":"anonymous"}"#), None);
    }
}
