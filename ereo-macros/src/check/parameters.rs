//! Which argument takes which parameter of the path.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Ident, LitStr, PathArguments, PathSegment, Type, TypePath};

use super::piece_of;
use crate::diagnostics::{Errors, nearest};
use crate::item::{Function, borrow, is_opaque, spelled};
use crate::model::{Argument, Source};
use crate::path::Pattern;

/// Each parameter needs an argument. An argument without parameter is an extractor, which rustc
/// checks.
pub(super) fn check(
    pattern: &Pattern,
    path: &LitStr,
    function: &Function,
    has_body: bool,
    errors: &mut Errors,
) {
    let name = &function.signature.ident;
    // What is wrong in the path may be why it lacks a parameter; and rustc drops what is no function of a route.
    let signature = &function.signature;
    let mut complete =
        errors.is_empty() && signature.receiver().is_none() && signature.variadic.is_none();
    let mut known = Vec::<&str>::new();
    for parameter in pattern.parameters() {
        let wanted = parameter.name.as_str();
        // A bad or a repeated name was refused already.
        if !parameter.is_well_named() || known.contains(&wanted) {
            continue;
        }
        known.push(wanted);
        if let Some(taker) = taker(wanted, pattern, function) {
            let taken = function.arguments().find(|(argument, _)| *argument == Some(taker));
            taken.into_iter().for_each(|(_, ty)| one_value(taker, ty, errors));
            continue;
        }
        let free: Vec<String> = function
            .arguments()
            .filter_map(|(argument, _)| argument.map(spelled))
            .filter(|argument| pattern.parameters().all(|other| other.name != *argument))
            .collect();
        let mend = match nearest(wanted, free.iter().map(String::as_str)) {
            Some(meant) => {
                format!("is it the argument `{meant}`? Give both the same name")
            }
            None => format!(
                "add the argument `{wanted}: String` to `{name}`, or another type that one segment gives"
            ),
        };
        errors.at(
            piece_of(path, parameter.at.clone()),
            format!("`{name}` has no argument for the parameter `{{{wanted}}}`\nhelp: {mend}"),
        );
        complete = false;
    }
    // One that lacks its argument may be meant by the one that is left over.
    if complete {
        absent(pattern, function, has_body, errors);
    }
}

/// Refuses a type of which no segment is: the text is decoded for the argument, as one value that it owns.
fn one_value(taker: &Ident, ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Reference(reference) => {
            let message = format!(
                "a path parameter is decoded for the function, which owns it\n\
                 help: write a type without reference, for instance `{taker}: String`"
            );
            errors.on(reference, message);
        }
        Type::Tuple(tuple) if tuple.elems.len() == 1 => {}
        Type::Tuple(_) | Type::Array(_) | Type::Slice(_) => {
            let message = format!(
                "a path parameter is one value, and this type is several\n\
                 help: write `{taker}: String` and take it apart, or a parameter for each"
            );
            errors.on(ty, message);
        }
        Type::Path(path) => collection(taker, path, errors),
        _ => {}
    }
}

/// Types of the standard library that hold several values.
const COLLECTIONS: [&str; 8] =
    ["Vec", "VecDeque", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "LinkedList", "BinaryHeap"];

fn collection(taker: &Ident, path: &TypePath, errors: &mut Errors) {
    let Some(PathSegment { ident, arguments: PathArguments::AngleBracketed(arguments) }) =
        path.path.segments.last()
    else {
        return;
    };
    let inner = arguments.args.first().map(ToTokens::to_token_stream);
    let inner = readable(&inner.unwrap_or_default());
    if ident == "Option" {
        let message = format!(
            "a path parameter is always there\n\
             help: write `{taker}: {inner}`, and a second route for the path without it"
        );
        errors.on(ident, message);
    } else if COLLECTIONS.iter().any(|name| ident == name) {
        let message = format!(
            "a path parameter is one value, and `{ident}` holds several\n\
             help: write `{taker}: String` and split it, or take several by `Query<T>`"
        );
        errors.on(ident, message);
    }
}

/// Tokens without the spaces that rustc's own printer would leave out.
fn readable(tokens: &TokenStream) -> String {
    tokens
        .to_string()
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" :: ", "::")
        .replace(" ,", ",")
}

/// Refuses what would be read from the path or from a body, where neither has it.
fn absent(pattern: &Pattern, function: &Function, has_body: bool, errors: &mut Errors) {
    let taken: Vec<_> = pattern
        .parameters()
        .filter_map(|parameter| taker(&parameter.name, pattern, function))
        .collect();
    let others = function
        .arguments()
        .filter(|(argument, _)| argument.is_none_or(|argument| !taken.contains(&argument)));
    for (argument, ty) in others {
        let Type::Path(path) = ty else { continue };
        let Some(last) = path.path.segments.last() else { continue };
        let name = argument.map(spelled).unwrap_or_else(|| "name".to_owned());
        let name = name.trim_start_matches('_');
        let generic = matches!(last.arguments, PathArguments::AngleBracketed(_));
        if last.ident == "String" && !generic && !has_body {
            let message = format!(
                "the path has no parameter `{{{name}}}`, and a request by `GET` no body that this could be\n\
                 help: write `{{{name}}}` into the path, or take the text by a `Query<T>`"
            );
            errors.on(ty, message);
        } else if last.ident == "Path" && generic && pattern.parameters().next().is_none() {
            let message = "the path has no parameter that this could be read from\n\
                           help: write a `{parameter}` into the path, and its type at an argument of that name";
            errors.on(&last.ident, message);
        } else if !has_body && ["Multipart", "MultipartForm"].iter().any(|body| last.ident == body)
        {
            let message = format!(
                "a request by `GET` has no body, and `{}` reads one\n\
                 help: take it by a `Query<T>`, or write a handler of actix-web for `POST`",
                last.ident
            );
            errors.on(&last.ident, message);
        }
    }
}

/// Where each argument of a checked function comes from.
pub(super) fn sources(pattern: &Pattern, function: &Function) -> Vec<Argument> {
    let source = |argument: Option<&Ident>| {
        let Some(argument) = argument else {
            return Source::Request;
        };
        match pattern
            .parameters()
            .find(|parameter| taker(&parameter.name, pattern, function) == Some(argument))
        {
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

/// The arguments of a refused function whose types can be checked. Of a path with a mistake in a parameter
/// nobody knows which argument was meant for it.
pub(super) fn in_order(
    path: Option<&LitStr>,
    pattern: &Pattern,
    function: &Function,
) -> Vec<Argument> {
    let is_read = path.is_some_and(|path| {
        let path = path.value();
        let begun = if path.starts_with('/') { path } else { format!("/{path}") };
        Pattern::parse(&begun).1.is_empty()
    });
    let is_taken = |name: &str| taker(name, pattern, function).is_some();
    let all_taken = is_read && pattern.parameters().all(|parameter| is_taken(&parameter.name));
    let names = function.arguments().map(|(name, _)| name);
    let is_one_value = |name: Option<&Ident>, ty: &Type| {
        let mut errors = Errors::default();
        name.into_iter().for_each(|name| one_value(name, ty, &mut errors));
        errors.is_empty()
    };
    let in_order = |(argument, name): &(Argument, Option<&Ident>)| {
        let Argument { ty, source } = argument;
        let may_be_meant = !all_taken && name.is_some() && !has_generics(ty);
        !is_opaque(ty)
            && match source {
                Source::Parameter { .. } => borrow(ty).is_none() && is_one_value(*name, ty),
                Source::Request => !may_be_meant,
            }
    };
    let arguments = sources(pattern, function).into_iter().zip(names);
    arguments.filter(in_order).map(|(argument, _)| argument).collect()
}

/// `Query<T>`, `Data<T>`: no type of a parameter.
fn has_generics(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| !last.arguments.is_none()))
}

/// The argument that takes the parameter: the one of its name, or `_room` for `{room}`, which is what
/// rustc suggests for an argument that is not used.
fn taker<'a>(parameter: &str, pattern: &Pattern, function: &'a Function) -> Option<&'a Ident> {
    let named = |name: &str| {
        let mut names = function.arguments().filter_map(|(argument, _)| argument);
        names.find(|argument| spelled(argument) == name)
    };
    named(parameter).or_else(|| {
        let unused = format!("_{parameter}");
        let is_parameter = pattern.parameters().any(|other| other.name == unused);
        if is_parameter { None } else { named(&unused) }
    })
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::sources;
    use crate::item::Function;
    use crate::model::Source;
    use crate::path::Pattern;

    /// What each argument takes: the name of a parameter, or nothing for an extractor.
    fn taken(path: &str, function: Function) -> Vec<Option<String>> {
        let (pattern, faults) = Pattern::parse(path);
        assert_eq!(faults, []);
        let sources = sources(&pattern, &function);
        let name = |source| match source {
            Source::Parameter { name, .. } => Some(name),
            Source::Request => None,
        };
        sources.into_iter().map(|argument| name(argument.source)).collect()
    }

    #[test]
    fn arguments_take_parameters_by_name_in_any_order() {
        let function = parse_quote! { async fn f(b: u8, mut a: u8, c: C, (d, _): D, r#type: T) {} };
        let expected = [Some("b"), Some("a"), None, None, Some("type")];
        assert_eq!(
            taken("/{a}/{b}/{type}", function),
            expected.map(|name| name.map(str::to_owned))
        );
    }

    #[test]
    fn an_underscore_marks_an_unused_argument_unless_it_is_a_name() {
        let own = parse_quote! { async fn f(_a: u8, a: u8) {} };
        assert_eq!(taken("/{a}/{_a}", own), [Some("_a".to_owned()), Some("a".to_owned())]);
        let unused = parse_quote! { async fn f(_a: u8) {} };
        assert_eq!(taken("/{a}", unused), [Some("a".to_owned())]);
    }
}
