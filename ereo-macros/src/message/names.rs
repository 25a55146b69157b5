//! The names that serde gives to variants, as names of events.

use syn::Attribute;

use super::keys::Keys;
use crate::diagnostics::Errors;

/// Prefix of the library's own events' names; the runtime refuses them as well (`sse/event.rs`).
const RESERVED: &str = "ereo.";

/// Refuses names that no event can have. What serde makes of the variant's own name is fine.
pub(super) fn check(attributes: &[Attribute], errors: &mut Errors) {
    if let Some(name) = Keys::of(attributes).written("rename")
        && let Some(fault) = fault(&name.value())
    {
        errors.on(name, fault);
    }
}

fn fault(name: &str) -> Option<String> {
    if name.is_empty() {
        let fault = "an event without a name is a `message` to the browser\n\
                     help: write a name, or remove this one";
        return Some(fault.to_owned());
    }
    if name.contains(['\r', '\n']) {
        return Some("the name of an event is one line\nhelp: remove the line break".to_owned());
    }
    let other = name.strip_prefix(RESERVED)?;
    let help = if other.is_empty() || fault(other).is_some() {
        "write another name".to_owned()
    } else {
        format!("write another name, for instance `{other}`")
    };
    Some(format!(
        "names that begin with `{RESERVED}` are those of this library's own events, which pages obey\n\
         help: {help}"
    ))
}
