//! Path patterns compared: which are the same route, and which must be tried first.

use std::cmp::Ordering;

/// The pattern with its parameters' names left out. Two routes of one method and group with one shape
/// are the same route.
///
/// Regexes count as they are spelled: which ones match the same text is not decided, and routes that
/// differ in them may be told apart. Only the router's own two have two spellings: `{x}` is
/// `{x:[^/]+}`, and `{x}*` is `{x:.*}`. The macro's marker (`ereo-macros`, `emit/marker.rs`) follows
/// the same rule.
pub(crate) fn shape(pattern: &str) -> String {
    pieces(pattern)
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Segment => "{}".to_owned(),
            Piece::Regex(regex) => format!("{{:{regex}}}"),
            Piece::Tail => "{}*".to_owned(),
        })
        .collect()
}

/// Orders patterns so that the more specific one is tried first: actix takes the first that
/// matches, and the inventory's order is arbitrary.
pub(super) fn most_specific_first(a: &str, b: &str) -> Ordering {
    let mut left = segments(a).map(rank);
    let mut right = segments(b).map(rank);
    loop {
        return match (left.next(), right.next()) {
            (Some(a), Some(b)) if a == b => continue,
            (Some(a), Some(b)) => a.cmp(&b),
            // A longer pattern cannot shadow a shorter one, but a tail at the shorter's end can.
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => a.cmp(b),
        };
    }
}

/// How much a segment leaves open: text, then text with a parameter in it, then a parameter with a
/// regex, then any parameter, then a tail that takes the rest.
fn rank(segment: &str) -> u8 {
    let pieces: Vec<_> = pieces(segment).collect();
    let takes_slashes = |piece: &Piece<'_>| matches!(piece, Piece::Tail | Piece::Regex(".+"));
    match pieces.as_slice() {
        pieces if pieces.iter().any(takes_slashes) => 4,
        [Piece::Segment] => 3,
        [Piece::Regex(_)] => 2,
        pieces if pieces.iter().any(|piece| !matches!(piece, Piece::Text(_))) => 1,
        _ => 0,
    }
}

enum Piece<'a> {
    Text(&'a str),
    Segment,
    Regex(&'a str),
    Tail,
}

/// Splits at the braces of parameters; a regex may have braces of its own.
fn pieces(pattern: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = pattern;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(inner) = rest.strip_prefix('{') else {
            let end = rest.find('{').unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            rest = after;
            return Some(Piece::Text(text));
        };
        let end = closing(inner);
        let parameter = &inner[..end];
        rest = inner.get(end + 1..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
            return Some(Piece::Tail);
        }
        Some(match parameter.split_once(':').map(|(_, regex)| regex) {
            None | Some("[^/]+") => Piece::Segment,
            Some(".*") => Piece::Tail,
            Some(regex) => Piece::Regex(regex),
        })
    })
}

/// Splits at the slashes outside of parameters.
fn segments(pattern: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    pattern.split(move |c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '/' && depth == 0
    })
}

/// Index of the brace that closes the one just before `inner`; the end where none does, which the macro refuses.
pub(crate) fn closing(inner: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    inner.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_leaves_names_out_and_keeps_regexes() {
        assert_eq!(shape("/a/{x}/b-{y:\\d{2}}/{tail}*"), "/a/{}/b-{:\\d{2}}/{}*");
        assert_eq!(shape("/a/{x}"), shape("/a/{y}"));
        assert_ne!(shape("/a/{x}"), shape("/a/{x:\\d+}"));
    }

    #[test]
    fn two_spellings_of_the_routers_own_regexes_are_one_shape() {
        assert_eq!(shape("/{x}"), shape("/{y:[^/]+}"));
        assert_eq!(shape("/{x}*"), shape("/{y:.*}"));
        assert_ne!(shape("/{x}"), shape("/{x}*"));
    }

    #[test]
    fn specific_patterns_come_first() {
        let sorted = [
            "/a/b",
            "/a/b/{x}",
            "/a/b{x}",
            "/a/{x:\\d{2}}",
            "/a/{x}/c",
            "/a/{x}",
            "/a/{x}*",
            "/{x}/b",
        ];
        let mut patterns = sorted;
        patterns.reverse();
        patterns.sort_by(|a, b| most_specific_first(a, b));
        // A longer path before its own prefix is as good as the other way round.
        let rank_of = |wanted| patterns.iter().position(|p| *p == wanted).unwrap();
        assert!(rank_of("/a/b") < rank_of("/a/{x}"));
        assert!(rank_of("/a/b{x}") < rank_of("/a/{x:\\d{2}}"));
        assert!(rank_of("/a/{x:\\d{2}}") < rank_of("/a/{x}"));
        assert!(rank_of("/a/{x}/c") < rank_of("/a/{x}*"));
        assert!(rank_of("/a/{x}") < rank_of("/a/{x}*"));
        assert!(rank_of("/a/{x}") < rank_of("/{x}/b"));
    }
}
