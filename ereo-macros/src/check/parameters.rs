//! Which argument takes which parameter of the path.

use syn::{Ident, LitStr};

use super::piece_of;
use crate::diagnostics::{Errors, nearest};
use crate::item::{Function, spelled};
use crate::model::{Argument, Source};
use crate::path::Pattern;

/// Each parameter needs an argument. An argument without parameter is an extractor, which rustc checks.
pub(super) fn check(pattern: &Pattern, path: &LitStr, function: &Function, errors: &mut Errors) {
    let name = &function.signature.ident;
    let mut known: Vec<&str> = Vec::new();
    for parameter in pattern.parameters() {
        let wanted = parameter.name.as_str();
        // A bad or a repeated name was refused already.
        if !parameter.is_well_named() || known.contains(&wanted) {
            continue;
        }
        known.push(wanted);
        if function
            .arguments()
            .any(|(argument, _)| argument.is_some_and(|ident| takes(ident, wanted)))
        {
            continue;
        }
        let free: Vec<String> = function
            .arguments()
            .filter_map(|(argument, _)| argument.map(spelled))
            .filter(|argument| pattern.parameters().all(|other| other.name != *argument))
            .collect();
        let mend = match nearest(wanted, free.iter().map(String::as_str)) {
            Some(meant) => {
                format!("did you mean the argument `{meant}`? It and the parameter go by one name")
            }
            None => format!(
                "add the argument `{wanted}: String` to `{name}`, or another type that one segment gives"
            ),
        };
        errors.at(
            piece_of(path, parameter.at.clone()),
            format!("`{name}` has no argument for the parameter `{{{wanted}}}`\nhelp: {mend}"),
        );
    }
}

/// Where each argument of a checked function comes from.
pub(super) fn sources(pattern: &Pattern, function: &Function) -> Vec<Argument> {
    let source = |argument: Option<&Ident>| {
        let Some(argument) = argument else {
            return Source::Request;
        };
        match pattern.parameters().find(|parameter| takes(argument, &parameter.name)) {
            Some(parameter) => {
                Source::Parameter { name: parameter.name.clone(), argument: argument.clone() }
            }
            None => Source::Request,
        }
    };
    function
        .arguments()
        .map(|(argument, ty)| Argument { ty: ty.clone(), source: source(argument) })
        .collect()
}

/// `room` takes `{room}`, and so does `_room`, which rustc suggests for an argument that is not used.
fn takes(argument: &Ident, parameter: &str) -> bool {
    let argument = spelled(argument);
    argument == parameter || argument.strip_prefix('_') == Some(parameter)
}
