//! The code that `#[loader]` adds: `load`, which also takes the position from which the live route
//! continues.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, Type};

use super::contract::Told;
use super::{Emit, arguments_of, option, refusal};
use crate::check::Kind;
use crate::diagnostics::Errors;
use crate::item::{Function, is_opaque};
use crate::model::{Loader, Route};
use crate::paths::{Runtime, local, located};

impl Kind for Loader {
    const RETURNS: Option<&'static str> =
        Some("the data, for instance `Stats` or `Result<Stats, E>`");

    fn check(function: &Function, errors: &mut Errors) {
        if let Some(output) = function.output()
            && is_opaque(output)
        {
            errors.on(
                output,
                "a loader's data needs a name, since `load` gives it to callers\n\
                 help: name the type",
            );
        }
    }
}

impl Emit for Loader {
    fn told(route: &Route<Self>) -> Told {
        let data = Data::of(&route.runtime, &route.handler.output);
        Told { sent: Some(data.ty), live: route.options.live.clone(), ..Told::default() }
    }

    fn members(route: &Route<Self>) -> TokenStream {
        let Route { runtime, handler, options, .. } = route;
        let visibility = &handler.visibility;
        let data = Data::of(runtime, &handler.output);
        let request = local("request");
        let (same, before) = match &options.live {
            Some(live) => {
                let data = (!options.changes).then_some(&data.ty);
                (Some(same(runtime, &handler.holder(), live)), before(runtime, data, live))
            }
            None => (None, quote! { #runtime::not_live() }),
        };
        // On the return type's tokens, so that rustc underlines a type that does not serialize.
        let span = handler.output.span();
        let (door, name) = (runtime.at(span), located(&handler.holder(), span));
        let (load, outcome) = (data.load, data.outcome);
        let load = quote_spanned! {span=> #door::#load(#name::__call, #outcome #before, #request) };
        let data = data.ty;
        let data = quote_spanned! {span=> #door::Call<#door::LoaderData<#data>> };
        quote! {
            /// Loads the data as the route does, with the position from which its live route
            /// continues.
            ///
            /// # Errors
            /// The refusal of the request: an argument that cannot be taken from it, or the function
            /// itself.
            #visibility fn load(#request: &#runtime::HttpRequest) -> #data {
                #same
                #load
            }
        }
    }

    fn items(route: &Route<Self>) -> TokenStream {
        let no_route = route.options.live.as_ref().map(|live| {
            let door = route.runtime.at(live.span());
            quote_spanned! {live.span()=>
                #[allow(unused_imports)]
                use #door::no_route::*;
            }
        });
        let arguments =
            arguments_of(&route.runtime, &route.handler.arguments, &["anywhere", "without_body"]);
        quote! { #no_route #arguments }
    }

    fn endpoint(route: &Route<Self>) -> TokenStream {
        let Route { runtime, handler, options, .. } = route;
        let cache = option(options.cache.map(|milliseconds| quote! { #milliseconds }));
        // On the return type's tokens, as in `load`: what is told of it here as well is told once.
        let span = handler.output.span();
        let (door, name) = (runtime.at(span), located(&handler.holder(), span));
        quote_spanned! {span=> #door::loader(#name::load, #door::LoaderOptions { cache: #cache }) }
    }
}

/// The route that the key names, in the body of `load`: the route's type, or the one of the runtime's `no_route`
/// if there is no such type.
pub(super) const LIVE: &str = "__live";

/// Names of types and modules that stand in every file, or come with this library's prelude: rustc cannot
/// decide between one of them and a route of that name where it is imported.
const AMBIGUOUS: [&str; 32] = [
    "sse",
    "websocket",
    "loader",
    "backoff",
    "broadcast",
    "expiry",
    "message",
    "prelude",
    "route",
    "server",
    "core",
    "std",
    "alloc",
    "ereo_runtime",
    "actix_web",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "bool",
    "char",
    "str",
];

/// Code that makes `route` another name of what the key names.
pub(super) fn import(live: &Path, route: &Ident) -> TokenStream {
    let span = live.span();
    if live.get_ident().is_some_and(|name| AMBIGUOUS.iter().any(|word| name == word)) {
        quote_spanned! {span=> type #route = #live; }
    } else {
        quote_spanned! {span=> use #live as #route; }
    }
}

/// Takes the live route, and compares its parameters.
fn same(runtime: &Runtime, name: &Ident, live: &Path) -> TokenStream {
    let span = live.span();
    let (door, route) = (runtime.at(span), Ident::new(LIVE, span));
    let import = import(live, &route);
    quote_spanned! {span=>
        #[allow(non_camel_case_types, unused_imports)]
        #import
        const _: () = #door::assert_same_parameters(#name::ROUTE, <#route>::ROUTE);
        const _: () = {
            #[allow(unused_imports)]
            use #door::NoBodies as _;
            #door::assert_no_body(<#route>::__BODIES);
        };
    }
}

/// On the live route's tokens, so that rustc underlines one that does not fit. It sends what the loader
/// gives, if that is told.
fn before(runtime: &Runtime, data: Option<&TokenStream>, live: &Path) -> TokenStream {
    let span = live.span();
    let (door, route) = (runtime.at(span), Ident::new(LIVE, span));
    match data {
        Some(data) => quote_spanned! {span=> #door::live::<#data, _, _>(<#route>::__call) },
        None => quote_spanned! {span=> #door::live_changes(<#route>::__call) },
    }
}

/// The type of the data, and the runtime's function that loads it.
pub(super) struct Data {
    pub(super) ty: TokenStream,
    load: TokenStream,
    /// Conversions that make a `Result` of it, and how its error answers, as arguments of `load`.
    outcome: TokenStream,
}

impl Data {
    /// A `Result` gives the data or refuses; a macro can only tell by the name.
    pub(super) fn of(runtime: &Runtime, output: &Type) -> Self {
        if is_result(output) {
            let span = output.span();
            let (door, refusal) = (runtime.at(span), refusal(runtime, output));
            Self {
                ty: quote_spanned! {span=> <#output as #door::Fallible>::Data },
                load: quote! { load_fallible },
                outcome: quote_spanned! {span=>
                    <_ as #door::Fallible>::into_result, #refusal,
                },
            }
        } else {
            Self { ty: quote! { #output }, load: quote! { load }, outcome: TokenStream::new() }
        }
    }
}

fn is_result(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_result(&group.elem),
        Type::Paren(paren) => is_result(&paren.elem),
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|segment| segment.ident == "Result")
        }
        _ => false,
    }
}
