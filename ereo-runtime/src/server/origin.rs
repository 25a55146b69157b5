//! Pages that may open a socket (RFC 6455 section 10.2).
//!
//! Browsers send cookies with a WebSocket handshake from any page and ask nobody first: without a
//! check, a foreign page acts with the visitor's rights.

mod page;
mod syntax;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::str::FromStr;

use page::Page;
use syntax::is_web;

/// The pages that a socket is opened for; by default those of the request's own host.
///
/// | pattern | pages |
/// |---|---|
/// | `https://app.example`, `http://localhost:3000` | of this scheme, host and port, as the URL standard compares them |
/// | `https://*.app.example` | of its subdomains at any depth, with the same scheme and port; not of `https://app.example` itself |
/// | `capacitor://localhost`, `chrome-extension://<id>`, `file://` | of an app in a web view, or of an extension: any scheme, compared letter by letter |
/// | `self` | of the host that the request was sent to: its `Host`, or what your proxies say of it ([`Limits::behind_proxies`](super::Limits::behind_proxies)) |
/// | `null` | that hide their origin |
/// | `*`, alone | all |
///
/// **`null`** is what a sandboxed frame sends, a `data:` URL or, in some browsers, a file. *Any* site can
/// have such a page, so this is `*` for whoever wants it: only for sockets that trust nothing a browser
/// sends by itself, cookies above all.
///
/// **A wildcard** trusts whoever can have a name below it. Under a public suffix, such as `github.io`,
/// that is everybody.
///
/// A client without an `Origin` is no browser, acts with its own rights, and is not asked for one.
///
/// ```
/// use ereo_runtime::Origins;
///
/// let origins: Origins = "self, https://*.app.example".parse()?;
/// assert!("https://app.example/path".parse::<Origins>().is_err(), "an origin has no path");
/// # drop(origins);
/// # Ok::<_, ereo_runtime::websocket::InvalidOrigin>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins(Cow<'static, [Cow<'static, str>]>);

/// A string that [`Origins::parse`] cannot take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOrigin {
    /// It is no pattern.
    #[error("\"{pattern}\" names no origin: {problem}; {mend}")]
    Pattern {
        /// The string.
        pattern: String,
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        mend: String,
    },
    /// `*` stands beside others, which it makes meaningless.
    #[error(
        "\"*\" lets every page connect, the other origins as well; keep it alone, or remove it"
    )]
    AnyBesideOthers,
    /// There is none, so that no page could connect.
    #[error("no origin is named; name the pages that may connect, or \"self\"")]
    Empty,
}

impl Default for Origins {
    fn default() -> Self {
        Self::same_host()
    }
}

impl Origins {
    /// Pages of the request's own host: `self`.
    pub const fn same_host() -> Self {
        Self::checked(&[Cow::Borrowed("self")])
    }

    /// Every page of the web: `*`.
    pub const fn any() -> Self {
        Self::checked(&[Cow::Borrowed("*")])
    }

    /// Pages of any of these patterns. White space around one is ignored, and so is an empty one, so that
    /// a list in an environment variable may end with a comma.
    ///
    /// ```
    /// use ereo_runtime::Origins;
    ///
    /// let origins = Origins::parse("self, https://*.app.example,".split(','))?;
    /// let same = Origins::parse(["self", "https://*.app.example"])?;
    /// assert_eq!(origins, same);
    /// let error = Origins::parse(["https://app.example/"]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "\"https://app.example/\" names no origin: an origin has no path; write \"https://app.example\""
    /// );
    /// # Ok::<_, ereo_runtime::websocket::InvalidOrigin>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidOrigin`] for the first that is no pattern, for a `*` beside others, and for no pattern at
    /// all.
    pub fn parse<S: AsRef<str>>(
        patterns: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidOrigin> {
        let mut parsed = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref().trim();
            if pattern.is_empty() {
                continue;
            }
            if let Some((problem, mend)) = syntax::fault(pattern).or_else(|| page::fault(pattern)) {
                let pattern = pattern.to_owned();
                return Err(InvalidOrigin::Pattern { pattern, problem, mend });
            }
            parsed.push(Cow::Owned(pattern.to_owned()));
        }
        match parsed.len() {
            0 => Err(InvalidOrigin::Empty),
            2.. if parsed.iter().any(|pattern| pattern == "*") => {
                Err(InvalidOrigin::AnyBesideOthers)
            }
            _ => Ok(Self(parsed.into())),
        }
    }

    /// Patterns that an attribute has checked.
    #[doc(hidden)]
    pub const fn checked(patterns: &'static [Cow<'static, str>]) -> Self {
        Self(Cow::Borrowed(patterns))
    }

    /// Whether a page of `origin` may connect to `host`.
    pub(crate) fn allow(&self, origin: &str, host: &str) -> bool {
        let page = Page::of(origin);
        let is_page = |is: &dyn Fn(&Page) -> bool| page.as_ref().is_some_and(is);
        self.0.iter().any(|pattern| match pattern.split_once("://") {
            Some((scheme, authority)) if is_web(scheme) => {
                is_page(&|page| page.matches(scheme, authority))
            }
            Some(_) => *pattern == origin,
            None => match &**pattern {
                "*" => true,
                "self" => is_page(&|page| page.is_of(host)),
                null => null == origin,
            },
        })
    }
}

/// A comma-separated list; see [`Origins::parse`].
impl FromStr for Origins {
    type Err = InvalidOrigin;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        Self::parse(list.split(','))
    }
}
