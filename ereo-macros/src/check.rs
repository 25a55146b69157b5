//! From tokens to a checked model, or to every error there is and a stand-in.

mod parameters;
mod signature;

use proc_macro2::{Span, TokenStream};
use syn::{LitStr, Type};

use crate::args::{Args, Keys};
use crate::diagnostics::Errors;
use crate::item::Function;
use crate::model::{Handler, Route, StandIn};
use crate::path::{Fault, Pattern};
use crate::paths::Runtime;

/// What each kind of route adds to the checks.
pub(crate) trait Kind: Keys {
    /// What a function of this kind returns, to complete "let it return ..".
    const RETURNS: &'static str;

    /// Checks the kind's own demands on the function.
    fn check(_function: &Function, _errors: &mut Errors) {}
}

/// The item as it was written, and what came of the attribute above it.
pub(crate) struct Checked<K> {
    pub(crate) item: TokenStream,
    pub(crate) outcome: Result<Route<K>, Refused>,
}

pub(crate) struct Refused {
    pub(crate) errors: Errors,
    /// Absent where the item is no function, or one that may stand where no other item can.
    pub(crate) stand_in: Option<Box<StandIn>>,
}

pub(crate) fn route<K: Kind>(arguments: TokenStream, item: TokenStream) -> Checked<K> {
    let mut errors = Errors::default();
    let args = Args::<K>::parse(arguments, &mut errors);
    match syn::parse2::<Function>(item.clone()) {
        Ok(function) => {
            // rustc refuses a variadic function in words of its own: one message is enough.
            let item =
                if function.signature.variadic.is_some() { TokenStream::new() } else { item };
            Checked { item, outcome: function_route(args, &function, errors) }
        }
        Err(error) => {
            if let Some(path) = &args.path {
                pattern(path, &mut errors);
            }
            errors.push(error);
            Checked { item, outcome: Err(Refused { errors, stand_in: None }) }
        }
    }
}

fn function_route<K: Kind>(
    args: Args<K>,
    function: &Function,
    mut errors: Errors,
) -> Result<Route<K>, Refused> {
    // The path comes first in the source, the keys behind it, the function below.
    let mut path_errors = Errors::default();
    let pattern = args.path.as_ref().map(|path| {
        let pattern = pattern(path, &mut path_errors);
        parameters::check(&pattern, path, function, &mut path_errors);
        pattern
    });
    path_errors.append(errors);
    errors = path_errors;
    signature::check(&function.signature, K::RETURNS, &mut errors);
    K::check(function, &mut errors);

    let pattern = pattern.unwrap_or_default();
    match (args.path, function.output()) {
        (Some(path), Some(output)) if errors.is_empty() => Ok(Route {
            handler: Handler {
                conditions: function.conditions(),
                visibility: function.visibility.clone(),
                name: function.signature.ident.clone(),
                arguments: parameters::sources(&pattern, function),
                output: output.clone(),
            },
            runtime: args.runtime,
            path,
            pattern,
            group: args.group,
            options: args.options,
        }),
        (path, output) => Err(Refused {
            errors,
            stand_in: stand_in(args.runtime, function, path.as_ref(), &pattern, output),
        }),
    }
}

/// A function with `self` stands in an `impl`, where a stand-in would be a mistake of its own.
fn stand_in(
    runtime: Runtime,
    function: &Function,
    path: Option<&LitStr>,
    pattern: &Pattern,
    output: Option<&Type>,
) -> Option<Box<StandIn>> {
    let signature = &function.signature;
    if signature.receiver().is_some() {
        return None;
    }
    Some(Box::new(StandIn {
        runtime,
        conditions: function.conditions(),
        visibility: function.visibility.clone(),
        name: signature.ident.clone(),
        path: path.map(LitStr::value).unwrap_or_default(),
        parameters: pattern.parameters().map(|parameter| parameter.name.clone()).collect(),
        callable: function.is_callable().then(|| signature.inputs.len()),
        output: output.cloned(),
    }))
}

fn pattern(path: &LitStr, errors: &mut Errors) -> Pattern {
    let (pattern, faults) = Pattern::parse(&path.value());
    for Fault { at, message } in faults {
        errors.at(piece_of(path, at), message);
    }
    pattern
}

/// The span of a piece inside the literal where the compiler tells it (a nightly one), else of the
/// whole literal.
fn piece_of(path: &LitStr, piece: std::ops::Range<usize>) -> Span {
    let token = path.token();
    // Escapes and raw strings would shift the piece: then the literal itself is more exact.
    let is_verbatim = token.to_string() == format!("\"{}\"", path.value());
    let inner = is_verbatim.then(|| token.subspan(piece.start + 1..piece.end + 1)).flatten();
    inner.unwrap_or_else(|| path.span())
}
