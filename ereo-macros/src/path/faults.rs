//! Faults of a piece of a path, and their mends.

/// A parameter is an argument of that name, and the name of a group in the router's regex.
pub(super) fn bad_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some(
            "a parameter has no name\nhelp: write `{name}`, the name of an argument".to_owned(),
        );
    }
    let mut characters = name.chars();
    let starts_well = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    let goes_on_well = characters.all(|other| other.is_alphanumeric() || other == '_');
    // These cannot be arguments, not even as raw identifiers.
    let reserved = matches!(name, "_" | "self" | "Self" | "super" | "crate");
    // Letters beyond ASCII as identifiers have them, of which syn knows.
    let is_identifier = name.is_ascii() || syn::parse_str::<syn::Ident>(name).is_ok();
    if starts_well && goes_on_well && is_identifier && !reserved {
        return None;
    }
    let tail =
        |tail: &str| if bad_name(tail).is_none() { tail.to_owned() } else { "rest".to_owned() };
    if let Some(tail) = name.strip_prefix('*').map(tail) {
        return Some(format!("a tail has its `*` behind the braces\nhelp: write `{{{tail}}}*`"));
    }
    if let Some(tail) = name.strip_suffix("..").or(name.strip_prefix("..")).map(tail) {
        return Some(format!("a tail has a `*` behind the braces\nhelp: write `{{{tail}}}*`"));
    }
    if let Some(always) = name.strip_suffix('?').filter(|name| bad_name(name).is_none()) {
        return Some(format!(
            "a parameter is always there, and `{name}` is no name\n\
             help: write `{{{always}}}`, and a second route for the path without it"
        ));
    }
    let within = name.trim_matches(['{', '}', ' ']);
    let mend = if reserved && name == "_" {
        "help: give it a name, for instance `{_rest}`, and the argument the same".to_owned()
    } else if reserved {
        format!("help: choose another name, for instance `{{{}_}}`", name.to_lowercase())
    } else if within != name && bad_name(within).is_none() {
        format!("help: write `{{{within}}}`")
    } else {
        "help: use letters, digits and `_`, not starting with a digit".to_owned()
    };
    Some(format!("`{name}` cannot name a parameter, since it cannot name an argument\n{mend}"))
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
    segment.split('%').skip(1).find_map(|behind| {
        let digits =
            behind.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let Some(digits) = digits else {
            return Some(format!(
                "the `%` of `{segment}` begins no escape\nhelp: write `%25` for a percent sign"
            ));
        };
        // actix-web's router decodes a request's path before it compares, all but these.
        let stays = ["25", "2B", "2F"].iter().any(|stays| stays.eq_ignore_ascii_case(digits));
        (!stays).then(|| {
            format!(
                "`%{digits}` is decoded in a request before it is compared, and so never matches\n\
                 help: write the character itself, or another one"
            )
        })
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
        '\\' => Some("browsers write `/` for the `\\` of a path\nhelp: write `/`".to_owned()),
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
    let word = regex.trim();
    let meant = WORDS.iter().find(|(foreign, _)| *foreign == word).map(|(_, meant)| *meant);
    if let Some(ty) = meant.or_else(|| TYPES.into_iter().find(|ty| *ty == word)) {
        return Some(format!(
            "behind the colon stands a regex, not a type\n\
             help: write `{{{name}}}`, and the type at the argument: `{name}: {ty}`"
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

/// The types' names in other frameworks and languages, and Rust's.
const WORDS: [(&str, &str); 16] = [
    ("int", "i64"),
    ("integer", "i64"),
    ("Integer", "i64"),
    ("long", "i64"),
    ("uint", "u64"),
    ("number", "i64"),
    ("num", "i64"),
    ("float", "f64"),
    ("double", "f64"),
    ("decimal", "f64"),
    ("str", "String"),
    ("string", "String"),
    ("text", "String"),
    ("slug", "String"),
    ("boolean", "bool"),
    ("uuid", "String"),
];
