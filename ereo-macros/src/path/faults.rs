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
    if let Some(tail) = name.strip_prefix('*') {
        return Some(format!("a tail has its `*` behind the braces\nhelp: write `{{{tail}}}*`"));
    }
    Some(format!(
        "`{name}` cannot name a parameter, since it cannot name an argument\n\
             help: use letters, digits and `_`, not starting with a digit"
    ))
}

pub(super) fn bad_start(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    if let Some((_, behind)) = path.split_once("://") {
        let path = behind.find('/').map_or("/", |slash| &behind[slash..]);
        return Some(format!(
            "a route's path begins behind the host, whichever that is\nhelp: write \"{path}\""
        ));
    }
    Some(format!("the path has no leading `/`\nhelp: write \"/{path}\""))
}

/// A segment that no request has.
pub(super) fn bad_segment(segment: &str) -> Option<String> {
    if matches!(segment, "." | "..") {
        return Some(format!(
            "`{segment}` is resolved by the browser before it asks\n\
             help: write the path that it leads to"
        ));
    }
    let is_escape = |behind: &str| {
        let mut digits = behind.chars();
        (0..2).all(|_| digits.next().is_some_and(|digit| digit.is_ascii_hexdigit()))
    };
    let stray = segment.split('%').skip(1).any(|behind| !is_escape(behind));
    stray.then(|| {
        format!("the `%` of `{segment}` begins no escape\nhelp: write `%25` for a percent sign")
    })
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
    if TYPES.contains(&regex.trim()) {
        return Some(format!(
            "behind the colon stands a regex, not a type\n\
             help: write `{{{name}}}`, and the type at the argument: `{name}: {}`",
            regex.trim()
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

/// What other frameworks write behind the colon. As a regex each would match its own name only.
const TYPES: [&str; 17] = [
    "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32",
    "f64", "bool", "char", "String",
];
