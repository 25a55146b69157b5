//! Writes the code of a checked route: the function as it was, a type of its name beside it, and
//! its registration.

pub(crate) mod contract;
mod handle;
mod hooks;
mod loader;
mod marker;
mod sse;
mod stand_in;
mod websocket;

pub(crate) use self::hooks::alternatives;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, PathSegment, Type, Visibility};

use crate::check::{Checked, Refused};
use crate::item::{is_opaque, spelled};
use crate::model::{Argument, Route, Source, Timer};
use crate::paths::{ALIAS, Runtime};

/// Additions of each kind of route to the common one.
pub(crate) trait Emit: Sized {
    /// The method that a client asks with.
    fn method(&self) -> &'static str {
        "GET"
    }

    /// Whether the item is a function, beside which a type of its name stands for others to name.
    const HAS_TYPE_BESIDE: bool = true;

    /// The runtime's functions that call the user's, one for each number of arguments.
    const CALLER: &'static str = "call";

    /// The type of what it gives.
    fn called(output: &Type) -> TokenStream {
        output.to_token_stream()
    }

    /// Further associated items of the type beside the function.
    fn members(_route: &Route<Self>) -> TokenStream {
        TokenStream::new()
    }

    /// Further items of the block.
    fn items(_route: &Route<Self>) -> TokenStream {
        TokenStream::new()
    }

    /// The route's part of a contract.
    fn told(route: &Route<Self>) -> contract::Told;

    /// The endpoint that answers a request: a value whose type implements the runtime's `Endpoint`.
    fn endpoint(route: &Route<Self>) -> TokenStream;
}

pub(crate) fn route<K: Emit>(Checked { item, outcome }: Checked<K>) -> TokenStream {
    match outcome {
        Ok(mut route) => {
            // Within the block the door has a short name: the code is read, and parsed, for each route.
            let runtime = std::mem::replace(&mut route.runtime, Runtime::Alias);
            let alias = Ident::new(ALIAS, Span::call_site());
            let conditions = &route.handler.conditions;
            let (marker, handle) = (marker::emit(&route), handle::emit(&route));
            let (items, registration) = (K::items(&route), registration(&route));
            let code = quote! {
                #[allow(
                    dead_code, deprecated, non_local_definitions, private_bounds, private_interfaces,
                    unreachable_pub, unused_mut, unused_qualifications,
                    clippy::future_not_send, clippy::impl_trait_in_params, clippy::too_many_arguments,
                    clippy::type_complexity, clippy::used_underscore_binding, clippy::wildcard_imports
                )]
                const _: () = {
                    use #runtime as #alias;

                    #marker
                    #items
                    #handle
                    #registration
                };
            };
            let code = if K::HAS_TYPE_BESIDE {
                beside(
                    &runtime,
                    (&route.handler.visibility, &route.handler.name),
                    &handle::doc(&route),
                    &code,
                )
            } else {
                code
            };
            // A route is `async`, runs on the worker's thread that took its request, and its hooks are
            // called as the runtime's trait calls them.
            quote! {
                #[allow(
                    clippy::future_not_send, clippy::needless_pass_by_ref_mut,
                    clippy::same_name_method, clippy::unused_async
                )]
                #item

                #(#conditions)*
                #code
            }
        }
        Err(Refused { errors, stand_in }) => {
            let stand_in = stand_in.map(|stand_in| stand_in::emit(*stand_in));
            quote! { #errors #item #stand_in }
        }
    }
}

/// The question that the runtime's `ArgumentOf` asks of each argument that may be a connection. A macro cannot tell, for
/// types have aliases.
fn arguments_of<'a>(
    runtime: &Runtime,
    arguments: impl IntoIterator<Item = &'a Argument>,
    asked: &[&str],
) -> Option<TokenStream> {
    let asks: Vec<_> = arguments
        .into_iter()
        .filter(|argument| may_be_a_connection(argument))
        .map(|Argument { ty, .. }| {
            let span = ty.span();
            let door = runtime.at(span);
            let asked = asked.iter().map(|asked| Ident::new(asked, span));
            quote_spanned! {span=> #(<#door::ArgumentOf<#ty>>::#asked();)* }
        })
        .collect();
    (!asks.is_empty()).then(|| {
        quote! {
            const _: fn() = || {
                #[allow(unused_imports)]
                use #runtime::TakesNothing as _;
                #(#asks)*
            };
        }
    })
}

/// Types with these names are not looked at, for the compiler's time.
fn may_be_a_connection(Argument { ty, source }: &Argument) -> bool {
    const OTHERS: [&str; 6] = ["Data", "Query", "Path", "LastEventId", "HttpRequest", "String"];
    matches!(source, Source::Request) && !is_called(ty, &OTHERS)
}

/// Whether the last word of the type is one of these.
fn is_called(ty: &Type, names: &[&str]) -> bool {
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| names.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

/// The declaration of a type with the code that belongs to it, as one item: where a type cannot stand,
/// rustc refuses this one and does not look at the rest.
fn beside(
    runtime: &Runtime,
    (visibility, name): (&Visibility, &Ident),
    doc: &str,
    code: &TokenStream,
) -> TokenStream {
    let declaration = handle::declaration(visibility, name);
    let alias = handle::alias(visibility, name, doc);
    quote! { #[#runtime::beside { #alias #code }] #declaration }
}

/// The answer that a returned error gives: on the error type's own tokens, if it is spelled.
fn refusal(runtime: &Runtime, output: &Type) -> TokenStream {
    let error = error_type(output);
    let span = error.unwrap_or(output).span();
    let door = runtime.at(span);
    match error {
        Some(error) => quote_spanned! {span=> #door::refusal::<#error>() },
        None => quote_spanned! {span=> #door::refusal::<_>() },
    }
}

/// `T` of a `Name<T>`.
fn only_type(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.iter().collect::<Vec<_>>()[..] {
        [GenericArgument::Type(only)] => Some(only),
        _ => None,
    }
}

/// `E` of a `Result<T, E>`; an alias may have left it out.
fn error_type(output: &Type) -> Option<&Type> {
    let Type::Path(path) = output else {
        return None;
    };
    let result = path.path.segments.last().filter(|segment| segment.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &result.arguments else {
        return None;
    };
    match arguments.args.iter().collect::<Vec<_>>()[..] {
        [GenericArgument::Type(_), GenericArgument::Type(error)] if !is_opaque(error) => {
            Some(error)
        }
        _ => None,
    }
}

/// An option as an expression.
fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote! { ::core::option::Option::Some(#value) },
        None => quote! { ::core::option::Option::None },
    }
}

/// A timer as an option of what `value` makes of its milliseconds.
fn timer(timer: &Timer, value: impl Fn(u64) -> TokenStream) -> TokenStream {
    match timer {
        Timer::After(milliseconds) => option(Some(value(*milliseconds))),
        Timer::Off => option(None),
    }
}

/// The route's entry in the inventory, from which `routes()` builds the service.
fn registration<K: Emit>(route: &Route<K>) -> TokenStream {
    let Route { runtime, path, handler, .. } = route;
    let name = format!("::{}", spelled(&handler.name));
    let group = option(route.group.as_ref().map(ToTokens::to_token_stream));
    let parameters = route.pattern.parameters().map(|parameter| &parameter.name);
    let endpoint = K::endpoint(route);
    let told = contract::field(route);
    quote! {
        #runtime::inventory::submit! {
            #runtime::RouteEntry {
                pattern: #path,
                group: #group,
                handler: ::core::concat!(::core::module_path!(), #name),
                file: ::core::file!(),
                line: ::core::line!(),
                params: &[#(#parameters),*],
                endpoint: &#endpoint,
                #told
            }
        }
    }
}
