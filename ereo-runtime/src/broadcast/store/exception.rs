//! The client that does not get a message, as it stands before the message in a store that several processes have: its
//! connection may be at any of them.

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::wire::ClientName;

/// What no JSON begins with.
const MARK: u8 = 0;

/// The payload with the client that does not get it.
pub(super) fn excepting(except: ClientName, payload: &Bytes) -> Bytes {
    let mut bytes = BytesMut::with_capacity(1 + ClientName::BYTES + payload.len());
    bytes.put_u8(MARK);
    bytes.put_slice(&except.to_bytes());
    bytes.put_slice(payload);
    bytes.freeze()
}

/// Both of them again.
pub(super) fn exception(kept: &[u8]) -> (Option<ClientName>, &[u8]) {
    let marked = kept.strip_prefix(&[MARK]).and_then(|rest| rest.split_first_chunk());
    let named = marked.and_then(|(name, payload)| Some((ClientName::from_bytes(*name)?, payload)));
    named.map_or((None, kept), |(name, payload)| (Some(name), payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ClientId;

    #[test]
    fn a_payload_comes_back_with_whom_it_is_not_for() {
        let name = ClientId::next().name();
        let payload = Bytes::from_static(b"{\"a\":1}");
        assert_eq!(exception(&excepting(name, &payload)), (Some(name), &payload[..]));
        assert_eq!(exception(&payload), (None, &payload[..]));
        for strange in [&b""[..], b"\0", &[0; 17], b"\0short"] {
            assert_eq!(exception(strange), (None, strange));
        }
    }
}
