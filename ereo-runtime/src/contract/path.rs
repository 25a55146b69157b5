//! A route's path, segment by segment.

use crate::route::closing;

/// A path taken apart.
#[derive(Debug)]
pub(super) struct Path {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Parameter { name: String, is_tail: bool, spans: bool },
}

/// A segment, as a client's types compare it.
#[derive(Debug, PartialEq)]
pub(super) enum Segment {
    /// This text.
    Text(String),
    /// Texts with anything in between.
    Template(Vec<String>),
    /// Any number of segments.
    Tail,
}

impl Path {
    pub(super) fn of(pattern: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = pattern;
        while !rest.is_empty() {
            let Some(inner) = rest.strip_prefix('{') else {
                let (text, after) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
                pieces.push(Piece::Text(text.to_owned()));
                rest = after;
                continue;
            };
            let end = closing(inner);
            let (name, regex) = match inner[..end].split_once(':') {
                Some((name, regex)) => (name, Some(regex)),
                None => (&inner[..end], None),
            };
            rest = inner.get(end + 1..).unwrap_or_default();
            let tail = rest.strip_prefix('*');
            rest = tail.unwrap_or(rest);
            let is_tail = tail.is_some() || regex == Some(".*");
            let spans = is_tail || regex.is_some_and(may_span);
            pieces.push(Piece::Parameter { name: name.to_owned(), is_tail, spans });
        }
        Self { pieces }
    }

    /// The path with its parameters in braces, without their regexes.
    pub(super) fn key(&self) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Parameter { name, .. } => format!("{{{name}}}"),
        });
        pieces.collect()
    }

    /// The same, with a `*` behind one that takes all that is left: what stands for it keeps its slashes.
    pub(super) fn pattern(&self) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Parameter { name, is_tail, .. } => {
                format!("{{{name}}}{}", if *is_tail { "*" } else { "" })
            }
        });
        pieces.collect()
    }

    /// The names of its parameters.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Parameter { name, .. } => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// What stands between its slashes.
    pub(super) fn segments(&self) -> Vec<Segment> {
        let mut segments: Vec<(Vec<String>, bool)> = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    for (at, part) in text.split('/').enumerate() {
                        match segments.last_mut() {
                            // Continues the segment of the parameter before it.
                            Some((texts, _)) if at == 0 => match texts.last_mut() {
                                Some(last) => last.push_str(part),
                                None => texts.push(part.to_owned()),
                            },
                            _ => segments.push((vec![part.to_owned()], false)),
                        }
                    }
                }
                Piece::Parameter { spans, .. } => {
                    if segments.is_empty() {
                        segments.push((vec![String::new()], false));
                    }
                    if let Some((texts, tail)) = segments.last_mut() {
                        texts.push(String::new());
                        *tail |= spans;
                    }
                }
            }
        }
        // What stands before the first slash.
        segments
            .into_iter()
            .skip(1)
            .map(|(mut texts, tail)| match texts.len() {
                _ if tail => Segment::Tail,
                1 => Segment::Text(texts.pop().unwrap_or_default()),
                _ => Segment::Template(texts),
            })
            .collect()
    }
}

/// Whether what the regex takes may have a slash in it. Of those that cannot the router's own is one.
fn may_span(regex: &str) -> bool {
    let set = regex.strip_prefix("[^/").is_some_and(|rest| !rest.contains(['/', '.', '^']));
    !set && ["/", ".", "[^", "\\S", "\\D", "\\W", "\\P"].iter().any(|open| regex.contains(open))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Segment {
        Segment::Text(text.to_owned())
    }

    fn any() -> Segment {
        Segment::Template(vec![String::new(), String::new()])
    }

    #[test]
    fn a_path_is_its_segments() {
        let path = Path::of("/rooms/{room}/feed");
        assert_eq!(path.segments(), [text("rooms"), any(), text("feed")]);
        assert_eq!(path.key(), "/rooms/{room}/feed");
        assert_eq!(path.parameters().collect::<Vec<_>>(), ["room"]);
        assert_eq!(Path::of("/").segments(), [text("")]);
        assert_eq!(Path::of("/a/").segments(), [text("a"), text("")]);
    }

    #[test]
    fn regexes_and_tails_are_left_out_of_the_key() {
        let path = Path::of(r"/v{major:\d{1,2}}/img-{id}.png/{rest}*");
        assert_eq!(path.key(), "/v{major}/img-{id}.png/{rest}");
        assert_eq!(path.pattern(), "/v{major}/img-{id}.png/{rest}*");
        let template =
            |texts: &[&str]| Segment::Template(texts.iter().map(|&text| text.to_owned()).collect());
        assert_eq!(
            path.segments(),
            [template(&["v", ""]), template(&["img-", ".png"]), Segment::Tail]
        );
        assert_eq!(Path::of("/{a}/{b:.*}").segments(), [any(), Segment::Tail]);
        assert_eq!(Path::of("/{a:[^/]+}").segments(), [any()]);
    }
}
