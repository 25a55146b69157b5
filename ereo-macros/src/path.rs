//! The grammar of a path: text, `{name}`, `{name:regex}` and a last `{name}*`, as actix-web's
//! router reads them.
//!
//! The parser goes on after a mistake: it reports every one with its place in the literal, and the
//! parameters that it did understand still give the stand-in the right number of arguments.

mod emptiness;
mod faults;
mod regex;

use std::ops::Range;

use self::faults::{bad_character, bad_name, bad_regex, bad_segment, bad_start};

/// More than this many parameters make actix-web's router panic.
const MOST_PARAMETERS: usize = 16;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Pattern {
    pub(crate) pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Parameter(Parameter),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) matches: Matches,
    /// The parameter with its braces, in bytes of the path.
    pub(crate) at: Range<usize>,
}

/// The part of a URL that a parameter takes.
#[derive(Debug, PartialEq)]
pub(crate) enum Matches {
    /// One segment: `{name}`.
    Segment,
    /// A match of the regex: `{name:regex}`.
    Regex(String),
    /// All that is left, slashes included: `{name}*` or `{name:.*}`.
    Tail,
}

/// A mistake and its place, in bytes of the path.
#[derive(Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) at: Range<usize>,
    pub(crate) message: String,
}

impl Pattern {
    pub(crate) fn parse(path: &str) -> (Self, Vec<Fault>) {
        let mut parser = Parser { path, pattern: Pattern::default(), faults: Vec::new() };
        parser.run();
        parser.regexes();
        (parser.pattern, parser.faults)
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Parameter(parameter) => Some(parameter),
            Piece::Text(_) => None,
        })
    }
}

impl Parameter {
    pub(crate) fn is_well_named(&self) -> bool {
        bad_name(&self.name).is_none()
    }

    /// Whether a value keeps its slashes when a path is built from it.
    pub(crate) fn spans_segments(&self) -> bool {
        match &self.matches {
            Matches::Segment => false,
            Matches::Regex(regex) => regex == ".+",
            Matches::Tail => true,
        }
    }
}

struct Parser<'a> {
    path: &'a str,
    pattern: Pattern,
    faults: Vec<Fault>,
}

impl Parser<'_> {
    fn run(&mut self) {
        if let Some(message) = bad_start(self.path) {
            self.fault(0..self.path.len(), message);
        }
        let mut at = 0;
        while let Some(open) = self.path[at..].find('{').map(|found| at + found) {
            self.text(at..open);
            let Some(close) = closing_brace(self.path, open) else {
                let rest = &self.path[open..];
                self.fault(
                    open..self.path.len(),
                    format!("`{rest}` is never closed\nhelp: write a parameter as `{{name}}`"),
                );
                return;
            };
            at = self.parameter(open, close);
        }
        self.text(at..self.path.len());
        self.count();
    }

    /// Mistakes of the regexes as the router reads them, where nothing else is: it would be told twice.
    fn regexes(&mut self) {
        if self.faults.is_empty()
            && let Some((parameter, message)) = regex::fault(&self.pattern)
        {
            let at = parameter.at.clone();
            self.fault(at, message);
        }
    }

    /// Reads the parameter between the braces and says where to go on.
    fn parameter(&mut self, open: usize, close: usize) -> usize {
        let inner = &self.path[open + 1..close];
        let (name, regex) = match inner.split_once(':') {
            Some((name, regex)) => (name, Some(regex)),
            None => (inner, None),
        };
        let after = close + 1;
        let star = self.path[after..].starts_with('*');
        let end = after + usize::from(star);

        if let Some(message) = bad_name(name) {
            self.fault(open..after, message);
        } else if self.pattern.parameters().any(|known| known.name == name) {
            self.fault(
                open..after,
                format!("the path has two parameters `{{{name}}}`\nhelp: give each its own name"),
            );
        }
        if let Some(message) = regex.and_then(|regex| bad_regex(name, regex)) {
            self.fault(open..after, message);
        }
        if star && end < self.path.len() {
            let rest = &self.path[end..];
            self.fault(
                open..end,
                format!(
                    "the tail `{{{name}}}*` takes all that is left, so `{rest}` is never reached\n\
                     help: a tail stands last; for one segment write `{{{name}}}`"
                ),
            );
        }
        if star && let Some(regex) = regex {
            self.fault(
                open..end,
                format!(
                    "`{{{name}:{regex}}}*` is a regex and a tail at once\n\
                     help: write `{{{name}}}*` for all that is left, or `{{{name}:{regex}}}`"
                ),
            );
        }

        let matches = match regex {
            _ if star => Matches::Tail,
            None | Some("[^/]+") => Matches::Segment,
            Some(".*") => Matches::Tail,
            Some(regex) => Matches::Regex(regex.to_owned()),
        };
        self.pattern.pieces.push(Piece::Parameter(Parameter {
            name: name.to_owned(),
            matches,
            at: open..end,
        }));
        end
    }

    fn text(&mut self, at: Range<usize>) {
        let text = &self.path[at.clone()];
        if text.is_empty() {
            return;
        }
        for (offset, found) in text.char_indices() {
            if let Some(message) = bad_character(found) {
                let start = at.start + offset;
                self.fault(start..start + found.len_utf8(), message);
            }
        }
        self.foreign_parameters(at.start, text);
        self.pattern.pieces.push(Piece::Text(text.to_owned()));
    }

    /// `/:name`, `/<name>` and `/<name..>`, as other frameworks write a parameter, would match nothing but itself; and
    /// what a browser resolves before it asks would match nothing.
    fn foreign_parameters(&mut self, start: usize, text: &str) {
        let mut offset = 0;
        for segment in text.split('/') {
            let inner = segment.strip_prefix('<').and_then(|inner| inner.strip_suffix('>'));
            let tail = inner.and_then(|inner| inner.strip_suffix(".."));
            let name = segment.strip_prefix(':').or(tail).or(inner);
            let star = if tail.is_some() { "*" } else { "" };
            let message = match name.filter(|name| bad_name(name).is_none()) {
                Some(name) => Some(format!(
                    "`{segment}` is no parameter here\nhelp: write `{{{name}}}{star}`"
                )),
                None if segment.is_empty() && self.goes_on(start + offset) => Some(
                    "an empty segment stands between two slashes\nhelp: write one `/`".to_owned(),
                ),
                None => bad_segment(segment),
            };
            // Text before the first slash goes on a parameter; a parameter may go on the last.
            let end = start + offset + segment.len();
            let whole = offset > 0 && !self.path[end..].starts_with('{');
            if let Some(message) = message.filter(|_| whole) {
                let at = start + offset;
                self.fault(at..at + segment.len(), message);
            }
            offset += segment.len() + 1;
        }
    }

    /// Whether a slash follows, in a path that begins as one.
    fn goes_on(&self, at: usize) -> bool {
        self.path.starts_with('/') && self.path[at..].starts_with('/')
    }

    fn count(&mut self) {
        let surplus =
            self.pattern.parameters().nth(MOST_PARAMETERS).map(|parameter| parameter.at.clone());
        if let Some(at) = surplus {
            let message = format!(
                "actix-web's router takes {MOST_PARAMETERS} parameters at the most\n\
                 help: move some into the query"
            );
            self.fault(at, message);
        }
    }

    fn fault(&mut self, at: Range<usize>, message: String) {
        self.faults.push(Fault { at, message });
    }
}

/// The brace that closes the one at `open`. Braces nest, since a regex may count: `{id:[0-9]{4}}`.
fn closing_brace(path: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, found) in path[open..].char_indices() {
        match found {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(open + offset),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
