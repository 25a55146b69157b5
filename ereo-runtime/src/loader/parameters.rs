//! The path parameters of a loader and of its live route, compared by the compiler.
//!
//! A `const fn` has neither iterators nor formatting, so both are written out here.

use super::no_route::ANY;

/// A loader and its live route stand on the same path parameters, in any order; what differs is told
/// by name. Both patterns were checked by the macro.
pub const fn assert_same_parameters(loader: &str, live: &str) {
    if same(live, ANY) {
        return;
    }
    let (of_loader, of_live) = (missing(loader, live), missing(live, loader));
    let mut told = Text::EMPTY;
    if !of_loader.is_empty() {
        told = told.add("only the loader has ").add(of_loader.as_str());
    }
    if !of_live.is_empty() {
        told = told.add(if told.is_empty() { "" } else { ", and " });
        told = told.add("only its `live` route has ").add(of_live.as_str());
    }
    if !told.is_empty() {
        let told = told.add(": give both the same path parameters");
        panic!("{}", told.as_str());
    }
}

/// The parameters that only the first pattern has, as the message names them.
const fn missing(pattern: &str, other: &str) -> Text {
    let mut names = Text::EMPTY;
    let mut at = 0;
    while let Some(name) = parameter(pattern, at) {
        if !has(other, name.text(pattern)) {
            names = names.add(if names.is_empty() { "`{" } else { ", `{" });
            names = names.add(name.text(pattern)).add("}`");
        }
        at = name.next;
    }
    names
}

const fn has(pattern: &str, wanted: &str) -> bool {
    let mut at = 0;
    while let Some(name) = parameter(pattern, at) {
        if same(name.text(pattern), wanted) {
            return true;
        }
        at = name.next;
    }
    false
}

/// Where a parameter's name is in a pattern, and where to look for the next.
struct Name {
    start: usize,
    end: usize,
    next: usize,
}

impl Name {
    const fn text<'a>(&self, pattern: &'a str) -> &'a str {
        pattern.split_at(self.end).0.split_at(self.start).1
    }
}

/// The first parameter behind `at`. A regex may have braces of its own.
const fn parameter(pattern: &str, at: usize) -> Option<Name> {
    let bytes = pattern.as_bytes();
    let mut start = at;
    while start < bytes.len() && bytes[start] != b'{' {
        start += 1;
    }
    if start == bytes.len() {
        return None;
    }
    start += 1;
    let mut end = start;
    while end < bytes.len() && bytes[end] != b':' && bytes[end] != b'}' {
        end += 1;
    }
    let (mut next, mut depth) = (start, 1);
    while next < bytes.len() && depth > 0 {
        match bytes[next] {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        next += 1;
    }
    Some(Name { start, end, next })
}

/// `==` of texts, which is not `const` yet.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// A text that is put together; what does not fit is left out as a whole.
#[derive(Clone, Copy)]
struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    const EMPTY: Self = Self { bytes: [0; 512], len: 0 };

    const fn add(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.len + text.len() <= self.bytes.len() {
            let mut at = 0;
            while at < text.len() {
                self.bytes[self.len + at] = text[at];
                at += 1;
            }
            self.len += text.len();
        }
        self
    }

    const fn is_empty(&self) -> bool {
        self.len == 0
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Only whole texts are added.
            Err(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::assert_same_parameters;

    #[test]
    fn the_same_in_any_order_and_with_any_regex() {
        assert_same_parameters("/a", "/b/c");
        assert_same_parameters("/{a}/{b:[0-9]{2}}/{c}*", "/x/{c}/{b}-{a}");
    }

    #[test]
    #[should_panic(
        expected = "only the loader has `{room}`, `{day}`, and only its `live` route has `{id}`: give both the same path parameters"
    )]
    fn what_differs_is_named() {
        assert_same_parameters("/{room}/{user}/{day:[0-9]{2}}", "/{user}/{id}*");
    }
}
