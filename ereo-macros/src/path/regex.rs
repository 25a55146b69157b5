//! The regexes of a path, read as the router reads them: all in one, anchored at both ends.

use regex_syntax::Parser;
use regex_syntax::hir::Hir;

use super::emptiness::is_empty;
use super::{Matches, Parameter, Pattern, Piece};

/// As actix-router begins every regex.
const FLAGS: &str = "(?s-m)";

/// What is wrong with the regexes of the path, and in which parameter.
pub(super) fn fault(pattern: &Pattern) -> Option<(&Parameter, String)> {
    let regexes = || pattern.parameters().filter(|parameter| regex(parameter).is_some());
    // Each by itself first: two that do not close their groups may do so together.
    for parameter in regexes() {
        let (name, regex) = (&parameter.name, regex(parameter).unwrap_or_default());
        if let Err(error) = alone(regex) {
            let message = format!(
                "the router cannot read the regex `{regex}`: {error}\n\
                 help: correct it, or write `{{{name}}}` for one segment"
            );
            return Some((parameter, message));
        }
    }
    let whole = match parse(&composed(pattern, |_| true)) {
        Ok(whole) => whole,
        Err(error) => {
            let last = regexes().last()?;
            let message = format!(
                "the router cannot read the regexes of this path together: {error}\n\
                 help: give groups within them other names, or none: `(?:..)`"
            );
            return Some((last, message));
        }
    };
    if !is_empty(&whole) {
        return None;
    }
    let alone_never = |parameter: &&Parameter| {
        let only = composed(pattern, |other| std::ptr::eq(other, *parameter));
        parse(&only).is_ok_and(|only| is_empty(&only))
    };
    let culprit = regexes().find(alone_never).or_else(|| regexes().last())?;
    Some((culprit, never(culprit, pattern)))
}

fn never(parameter: &Parameter, pattern: &Pattern) -> String {
    let (name, regex) = (&parameter.name, regex(parameter).unwrap_or_default());
    let bare = regex.trim_start_matches('^');
    let bare = bare.strip_suffix('$').filter(|bare| !bare.ends_with('\\')).unwrap_or(bare);
    let mended = parse(&with(pattern, parameter, bare)).is_ok_and(|mended| !is_empty(&mended));
    if bare != regex && !bare.is_empty() && mended {
        return format!(
            "the regex `{regex}` never matches: it stands within the path, which goes on around it\n\
             help: the router anchors the whole path itself; write `{{{name}:{bare}}}`"
        );
    }
    format!(
        "the regex `{regex}` never matches where it stands in the path\n\
         help: write what the segment consists of, for instance `{{{name}:[0-9]+}}`, or `{{{name}}}`"
    )
}

/// The regex that a user wrote.
fn regex(parameter: &Parameter) -> Option<&str> {
    match &parameter.matches {
        Matches::Regex(regex) => Some(regex),
        Matches::Segment | Matches::Tail => None,
    }
}

/// The whole regex of the router, with those of the parameters that count; of any other, anything goes.
fn composed(pattern: &Pattern, counts: impl Fn(&Parameter) -> bool) -> String {
    assemble(pattern, |parameter| match &parameter.matches {
        Matches::Regex(regex) if counts(parameter) => regex,
        Matches::Segment if counts(parameter) => "[^/]+",
        _ => ".*",
    })
}

/// The same with another regex for one of them, alone.
fn with(pattern: &Pattern, replaced: &Parameter, regex: &str) -> String {
    assemble(pattern, |parameter| if std::ptr::eq(parameter, replaced) { regex } else { ".*" })
}

fn assemble<'a>(pattern: &'a Pattern, regex: impl Fn(&'a Parameter) -> &'a str) -> String {
    let mut whole = format!("{FLAGS}^");
    for piece in &pattern.pieces {
        match piece {
            Piece::Text(text) => whole.push_str(&regex_syntax::escape(text)),
            Piece::Parameter(parameter) => {
                whole.push_str(&format!("(?P<{}>{})", parameter.name, regex(parameter)));
            }
        }
    }
    whole.push('$');
    whole
}

/// The regex as one of its own, so that its groups are closed within it.
fn alone(regex: &str) -> Result<Hir, String> {
    parse(&format!("{FLAGS}{regex}"))
}

fn parse(regex: &str) -> Result<Hir, String> {
    Parser::new().parse(regex).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it is none".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use actix_router::ResourceDef;

    use super::super::Pattern;
    use super::{alone, fault};

    /// Pieces of which regexes are made, right ones and wrong ones.
    const PIECES: [&str; 44] = [
        "a",
        "b",
        "0",
        "é",
        "-",
        ".",
        "_",
        "[0-9]",
        "[^/]",
        "[a-z",
        "]",
        "[",
        "(",
        ")",
        "(?:",
        "(?P<n>",
        "(?<m>",
        "(?i)",
        "(?x)",
        "(?=",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{2,",
        "{1,3}",
        "{3,1}",
        "\\d",
        "\\w",
        "\\b",
        "\\B",
        "\\p{L}",
        "\\p{Nope}",
        "\\1",
        "\\",
        "\\.",
        "^",
        "$",
        "\\A",
        "\\z",
        "[[:alpha:]]",
        "[a&&b]",
        "\\x{41}",
    ];

    fn random(state: &mut u64) -> usize {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        usize::try_from(*state >> 33).unwrap()
    }

    fn router_accepts(path: &str) -> bool {
        catch_unwind(|| ResourceDef::new(path)).is_ok()
    }

    #[test]
    fn the_router_accepts_a_random_regex_where_this_does() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let (mut state, mut seen) = (0x2545_f491_4f6c_dd1d_u64, [0_usize; 2]);
        let mut count = 0;
        while count < 10_000 {
            let regex: String = (0..=random(&mut state) % 6)
                .map(|_| PIECES[random(&mut state) % PIECES.len()])
                .collect();
            let path = format!("/x/{{id:{regex}}}");
            // Its braces must be balanced for it to be one parameter, and its groups for it to be one
            // regex; both are told before.
            let mut depth = 0_i32;
            let balanced = regex.chars().all(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth >= 0
            });
            if !balanced || depth != 0 {
                continue;
            }
            count += 1;
            let (pattern, _) = Pattern::parse(&path);
            let refused = fault(&pattern).filter(|(_, why)| !why.contains("never matches"));
            let accepts = router_accepts(&path);
            seen[usize::from(accepts)] += 1;
            if accepts && refused.is_some() {
                // A group that is closed and another one opened: `a)(b`.
                assert!(alone(&regex).is_err() && regex.contains(')'), "{path} {refused:?}");
            } else {
                assert_eq!(refused.is_none(), accepts, "{path} {refused:?}");
            }
        }
        std::panic::set_hook(hook);
        assert!(seen.iter().all(|seen| *seen > 2_000), "{seen:?}");
    }

    #[test]
    fn what_never_matches_is_matched_by_nothing() {
        let never = |path: &str| {
            let (pattern, _) = Pattern::parse(path);
            fault(&pattern).is_some_and(|(_, why)| why.contains("never matches"))
        };
        for path in [
            "/{id:^[0-9]+$}",
            "/a/{id:^x}",
            "/{id:x$}/b",
            "/{id:a\\bb}",
            "/{id:[^\\s\\S]}",
            "/{id:\\A[0-9]+}",
            "/{id:a^}",
            "/{id:[a&&b]}",
            "/{id:\\Bx}",
            "/{id:x\\b}y",
            "/{id:(?:^a|^b)}",
        ] {
            assert!(never(path), "{path}");
        }
        for path in [
            "/{id:[0-9]+$}",
            "/{id:\\b[a-z]+}",
            "/{id:\\w+\\b}/x",
            "/{id:a|^b}",
            "/{id:(?m)^a|b}",
            "/{id:[0-9]{4}}",
            "/x{id:\\Bx}",
            "/{id:.+}",
            "/{a:[a-z]+}-{b:[0-9]+}",
            "/{id:a?}",
            "/{id:(?:a\\b)?b}",
        ] {
            assert!(!never(path), "{path}");
        }
    }
}
