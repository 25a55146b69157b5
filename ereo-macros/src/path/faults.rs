//! What is wrong with a piece of a path, and how to mend it.

/// A parameter is an argument of that name, and the name of a group in the router's regex.
pub(super) fn bad_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some(
            "a parameter has no name\nhelp: write `{name}`, the name of an argument".to_owned(),
        );
    }
    let mut characters = name.chars();
    let starts_well =
        characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let goes_on_well = characters.all(|other| other.is_ascii_alphanumeric() || other == '_');
    // These cannot be arguments, not even as raw identifiers.
    let reserved = matches!(name, "_" | "self" | "Self" | "super" | "crate");
    if starts_well && goes_on_well && !reserved {
        return None;
    }
    Some(format!(
        "`{name}` cannot name a parameter, since it cannot name an argument\n\
             help: use letters, digits and `_`, not starting with a digit"
    ))
}

pub(super) fn bad_character(found: char) -> Option<String> {
    match found {
        '}' => Some("`}` closes nothing\nhelp: write a parameter as `{name}`".to_owned()),
        '?' => Some(
            "`?` starts the query, which is not part of a route's path\n\
             help: end the path before it and take the query by an argument `query: Query<T>`"
                .to_owned(),
        ),
        '#' => Some(
            "`#` starts the fragment, which a browser never sends\n\
             help: end the path before it"
                .to_owned(),
        ),
        '*' => Some(
            "`*` stands only behind a last parameter\n\
             help: write `{rest}*` for all that is left of the path"
                .to_owned(),
        ),
        _ if found.is_whitespace() || found.is_control() => Some(format!(
            "the path contains {found:?}, which no request path contains\nhelp: remove it"
        )),
        _ => None,
    }
}

/// Catches what makes the router panic at start and can be told without a regex engine.
pub(super) fn bad_regex(name: &str, regex: &str) -> Option<String> {
    if regex.is_empty() {
        return Some(format!(
            "`{{{name}:}}` has no regex behind the colon\n\
                 help: write `{{{name}}}` for one segment, or for instance `{{{name}:[0-9]+}}`"
        ));
    }
    let mut groups = 0_usize;
    let mut in_class = false;
    let mut characters = regex.chars();
    while let Some(found) = characters.next() {
        match found {
            '\\' if characters.next().is_none() => {
                return Some(format!(
                    "the regex `{regex}` ends in the middle of an escape\n\
                         help: write `\\\\` for a backslash"
                ));
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => groups += 1,
            ')' if !in_class && groups == 0 => {
                return Some(format!(
                    "`)` closes nothing in the regex `{regex}`\nhelp: write `\\)` for the character"
                ));
            }
            ')' if !in_class => groups -= 1,
            _ => {}
        }
    }
    let open = if in_class { "[" } else { "(" };
    (in_class || groups > 0).then(|| {
        format!(
            "`{open}` is never closed in the regex `{regex}`\n\
             help: close it, or write `\\{open}` for the character"
        )
    })
}
