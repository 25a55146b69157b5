//! UTF-8 checked while it arrives (RFC 6455 section 8.1).

/// Remembers how far a growing text is known to be valid.
#[derive(Debug, Default, Clone, Copy)]
pub struct Utf8 {
    checked: usize,
}

/// The bytes cannot become valid UTF-8, whatever follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid;

impl Utf8 {
    /// Checks what was appended to `text` since the last call. A character that is only begun is
    /// fine: whether the whole text is complete is for its end to say.
    ///
    /// # Errors
    /// [`Invalid`] as soon as no continuation could make it valid.
    pub fn check(&mut self, text: &[u8]) -> Result<(), Invalid> {
        match std::str::from_utf8(&text[self.checked..]) {
            Ok(_) => self.checked = text.len(),
            // Without a length of the error the text ends inside a character that is valid so far.
            Err(error) if error.error_len().is_none() => {
                self.checked += error.valid_up_to();
            }
            Err(_) => return Err(Invalid),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_may_arrive_byte_by_byte() {
        let text = "κόσμε 😀".as_bytes();
        let mut utf8 = Utf8::default();
        for end in 0..=text.len() {
            assert_eq!(utf8.check(&text[..end]), Ok(()));
        }
    }

    #[test]
    fn refused_at_the_first_byte_that_cannot_be() {
        // Above U+10FFFF, a surrogate, overlong, and a stray continuation: each at its second byte
        // or first, with the rest of the character still to come.
        for bad in [&b"\xf4\x90"[..], b"\xed\xa0", b"\xe0\x80", b"\xc0", b"\x80", b"\xf5"] {
            assert_eq!(Utf8::default().check(bad), Err(Invalid), "{bad:x?}");
        }
    }
}
