//! Names of subprotocols: tokens (RFC 9110 section 5.6.2), as RFC 6455 section 11.3.4 asks.

/// The problem of a name that no subprotocol can have, and its mend.
pub(super) fn fault(name: &str) -> Option<(String, String)> {
    if name.is_empty() {
        let problem = "the name of a subprotocol is empty";
        return Some((problem.to_owned(), "write for instance \"chat.v1\"".to_owned()));
    }
    let wrong = name.chars().find(|&character| !is_token(character))?;
    let parts: Vec<&str> = name.split([',', ' ']).filter(|part| !part.is_empty()).collect();
    let mend = if parts.len() > 1 && parts.iter().all(|part| part.chars().all(is_token)) {
        format!("write each by itself: \"{}\"", parts.join("\", \""))
    } else {
        "write letters, digits and any of !#$%&'*+-.^_`|~, as in \"chat.v1\"".to_owned()
    };
    Some((format!("no subprotocol has a {wrong:?} in its name"), mend))
}

fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn a_name_is_a_token() {
        for name in ["chat.v1", "graphql-transport-ws", "v1", "!#$%&'*+-.^_`|~", "MQTT"] {
            assert_eq!(fault(name), None, "{name}");
        }
        for (name, mend) in [
            ("", "\"chat.v1\""),
            ("chat v1", "\"chat\", \"v1\""),
            ("chat.v1, chat.v2", "\"chat.v1\", \"chat.v2\""),
            ("chat/v1", "letters"),
            ("chat.v1 ", "letters"),
            ("chät", "letters"),
            ("a\tb", "letters"),
            ("a(b)", "letters"),
        ] {
            let (problem, told) = fault(name).unwrap_or_default();
            assert!(!problem.is_empty() && told.contains(mend), "{name}: {problem}: {told}");
        }
    }
}
