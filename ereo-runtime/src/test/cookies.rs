//! Cookies that a client was given by `set-cookie`, and gives back.

use std::collections::BTreeMap;

use actix_web::http::header::{self, HeaderMap, HeaderValue};

/// By name: a test has one host, and paths of its own choice.
#[derive(Debug, Default)]
pub(super) struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Takes what the answer sets; whether that was anything.
    pub(super) fn take(&mut self, headers: &HeaderMap) -> bool {
        let before = self.0.clone();
        for text in headers.get_all(header::SET_COOKIE) {
            let mut parts = text.to_str().unwrap_or_default().split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if parts.any(ends) {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
        self.0 != before
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        let pairs = Vec::from_iter(self.0.iter().map(|(name, value)| format!("{name}={value}")));
        // What came as a header may go as one.
        HeaderValue::try_from(pairs.join("; ")).ok().filter(|value| !value.is_empty())
    }
}

/// Whether the attribute takes a cookie back: `Max-Age` of nothing (RFC 6265 section 5.2.2).
fn ends(attribute: &str) -> bool {
    let Some((name, value)) = attribute.split_once('=') else { return false };
    name.eq_ignore_ascii_case("max-age") && value.parse::<i64>().is_ok_and(|seconds| seconds <= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(jar: &mut Jar, cookie: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        jar.take(&headers)
    }

    #[test]
    fn cookies_are_kept_renewed_and_taken_back() {
        let mut jar = Jar::default();
        assert_eq!(jar.header(), None);
        assert!(take(&mut jar, "session=a=b; HttpOnly; SameSite=Lax; Path=/; Max-Age=60"));
        assert!(take(&mut jar, "lang=de"));
        assert!(!take(&mut jar, "lang=de"), "it is there");
        assert!(!take(&mut jar, "no cookie"));
        assert_eq!(jar.header().unwrap(), "lang=de; session=a=b");
        assert!(take(&mut jar, "session=; Max-Age=0"));
        assert_eq!(jar.header().unwrap(), "lang=de");
    }
}
