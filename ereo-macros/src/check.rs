//! From tokens to a checked model, or to every error there is and a stand-in.

mod hooks;
mod parameters;
mod signature;
pub(crate) mod sockets;
pub(crate) mod streams;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::{Attribute, LitStr, Type};

pub(crate) use self::hooks::hooks;

use crate::args::{Args, Keys};
use crate::diagnostics::Errors;
use crate::item::{
    Alternatives, Function, FurtherRoute, borrow, further_routes, has_untyped_argument, is_block,
    unit, without_const, without_routes,
};
use crate::model::{Argument, Handler, InOrder, Route, StandIn};
use crate::path::{Fault, Pattern};
use crate::paths::Runtime;

/// What each kind of route adds to the checks.
pub(crate) trait Kind: Keys {
    /// What a function of this kind returns, to complete "let it return ..", if it must.
    const RETURNS: Option<&'static str>;

    /// What the attribute stands above.
    const ITEM: &'static str = "the function that answers the route";

    /// How to mend a function with `self`, to complete "move it out of the `impl` ..".
    const OF_SELF: &'static str = "and take an argument `state: Data<T>`";

    /// Checks the kind's own demands on the function.
    fn check(_function: &Function, _errors: &mut Errors) {}

    /// Whether the route is asked for with a body, which an argument may take.
    fn has_body(&self) -> bool {
        false
    }
}

/// The item as it was written, and what came of the attribute above it.
pub(crate) struct Checked<K> {
    pub(crate) item: TokenStream,
    pub(crate) outcome: Result<Route<K>, Refused<K>>,
}

pub(crate) struct Refused<K> {
    pub(crate) errors: Errors,
    /// Absent where the item is no function, or one that may stand where no other item can.
    pub(crate) stand_in: Option<Box<StandIn<K>>>,
}

/// The item with and without a hook or an argument that has a `cfg`, and where the runtime is. Mistakes in
/// the attribute's arguments are told when the one or the other is expanded.
pub(crate) fn alternatives<K: Keys>(
    arguments: &TokenStream,
    item: &TokenStream,
) -> Option<(Runtime, Alternatives)> {
    let alternatives = match is_block(item.clone()) {
        true => hooks::alternatives(item),
        false => Alternatives::of_argument(item),
    }?;
    let args = Args::<K>::parse(arguments.clone(), &mut Errors::default());
    Some((args.runtime, alternatives))
}

pub(crate) fn route<K: Kind>(arguments: TokenStream, item: TokenStream) -> Checked<K> {
    let mut errors = Errors::default();
    let args = Args::<K>::parse(arguments, &mut errors);
    match syn::parse2::<Function>(item.clone()) {
        Ok(function) => {
            let item = one_route(&function.attributes, item, &mut errors);
            let told = rustc_tells(&function)
                || K::RETURNS.is_none() && sockets::borrowed(&function).next().is_some();
            let item = if told { TokenStream::new() } else { without_const(item) };
            Checked { item, outcome: function_route(args, &function, errors) }
        }
        // rustc told of it when it read the item, before it called the macro.
        Err(_) if has_untyped_argument(&item) => unreadable(args.path.as_ref(), item, None, errors),
        Err(error) => {
            let message = format!("{error}\nhelp: write the attribute above {}", K::ITEM);
            let error = syn::Error::new(error.span(), message);
            unreadable(args.path.as_ref(), item, Some(error), errors)
        }
    }
}

/// Whether rustc refuses the function in words of its own as well, if it gets to see it: variadic
/// arguments, `self` outside an `impl`, a borrow of nothing.
fn rustc_tells(function: &Function) -> bool {
    let is_borrowed = |ty: &Type| borrow(ty).is_some();
    function.signature.variadic.is_some()
        || function.signature.receiver().is_some()
        || function.output().is_some_and(is_borrowed)
            && function.signature.generics.params.is_empty()
            && !function.arguments().any(|(_, ty)| is_borrowed(ty))
}

/// The item without the attributes of further routes, which are errors.
fn one_route(attributes: &[Attribute], item: TokenStream, errors: &mut Errors) -> TokenStream {
    let further = further_routes(attributes);
    if further.is_empty() {
        return item;
    }
    for attribute in further {
        match attribute {
            FurtherRoute::Own(name) => {
                let message = format!(
                    "an item answers one route, and #[{name}] is a second one\n\
                     help: write a second item for it, which may call this one"
                );
                errors.on(name, message);
            }
            FurtherRoute::Foreign(path) => {
                let name = path.to_token_stream().to_string().replace(' ', "");
                let message = format!(
                    "#[{name}] makes a route of another crate of this item, which is one of this library's\n\
                     help: remove #[{name}]: `routes()` serves this route"
                );
                errors.on(path, message);
            }
        }
    }
    without_routes(item)
}

/// An item that is none of those that the attribute stands above.
fn unreadable<K>(
    path: Option<&LitStr>,
    item: TokenStream,
    error: Option<syn::Error>,
    errors: Errors,
) -> Checked<K> {
    let (_, mut errors) = checked_pattern(path, None, false, errors);
    error.into_iter().for_each(|error| errors.push(error));
    Checked { item, outcome: Err(Refused { errors, stand_in: None }) }
}

/// The path comes first in the source, the keys behind it, the function below: what is wrong with
/// the path, and with its parameters as the function takes them, goes before the other errors.
fn checked_pattern(
    path: Option<&LitStr>,
    function: Option<&Function>,
    has_body: bool,
    later: Errors,
) -> (Pattern, Errors) {
    let mut errors = Errors::default();
    let pattern = path.map(|path| {
        let pattern = pattern(path, &mut errors);
        if let Some(function) = function {
            parameters::check(&pattern, path, function, has_body, &mut errors);
        }
        pattern
    });
    errors.append(later);
    (pattern.unwrap_or_default(), errors)
}

fn function_route<K: Kind>(
    args: Args<K>,
    function: &Function,
    errors: Errors,
) -> Result<Route<K>, Refused<K>> {
    let has_body = args.options.has_body();
    let (pattern, mut errors) =
        checked_pattern(args.path.as_ref(), Some(function), has_body, errors);
    signature::check(&function.signature, K::RETURNS, K::OF_SELF, &mut errors);
    let mut of_output = Errors::default();
    K::check(function, &mut of_output);
    let output_fits = of_output.is_empty();
    errors.append(of_output);

    let output = function.output().cloned();
    let output = output.or_else(|| K::RETURNS.is_none().then(|| unit(&function.signature.ident)));
    match (args.path, output) {
        (Some(path), Some(output)) if errors.is_empty() => Ok(Route {
            handler: Handler {
                conditions: function.conditions(),
                visibility: function.visibility.clone(),
                name: function.signature.ident.clone(),
                owner: None,
                arguments: parameters::sources(&pattern, function),
                output,
            },
            runtime: args.runtime,
            path,
            pattern,
            group: args.group,
            options: args.options,
        }),
        (path, output) => {
            let arguments = parameters::in_order(path.as_ref(), &pattern, function);
            let options = output_fits.then_some(args.options);
            let stand_in = stand_in(args.runtime, function, &pattern, output, arguments, options);
            Err(Refused { errors, stand_in })
        }
    }
}

/// A function with `self` stands in an `impl`, where a stand-in would be a mistake of its own.
fn stand_in<K>(
    runtime: Runtime,
    function: &Function,
    pattern: &Pattern,
    output: Option<Type>,
    arguments: Vec<Argument>,
    options: Option<K>,
) -> Option<Box<StandIn<K>>> {
    let signature = &function.signature;
    if signature.receiver().is_some() {
        return None;
    }
    // A type that names a parameter of the function means nothing beside it.
    let is_plain = signature.generics.params.is_empty();
    let output = output.filter(|output| is_plain && borrow(output).is_none());
    // Nobody knows which of two routes was meant.
    let is_checked = is_plain && further_routes(&function.attributes).is_empty();
    Some(Box::new(StandIn {
        runtime,
        conditions: function.conditions(),
        visibility: function.visibility.clone(),
        name: signature.ident.clone(),
        owner: None,
        parameters: pattern.parameters().map(|parameter| parameter.name.clone()).collect(),
        callable: function.is_callable().then(|| signature.inputs.len()),
        checked: is_checked.then(|| InOrder {
            has_all_arguments: arguments.len() == signature.inputs.len(),
            arguments,
            options: options.filter(|_| output.is_some()),
        }),
        output,
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
