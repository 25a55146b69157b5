//! Stand-ins beside a refused function: the names that other code may use, of types that fit, and
//! no behaviour. So one mistake gives one message, and not a second one at every use.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::LitStr;

use super::loader::Data;
use super::{Emit, beside, handle};
use crate::item::is_opaque;
use crate::model::{Handler, InOrder, Route, StandIn, type_beside};
use crate::path::Pattern;
use crate::paths::local;

/// The pattern of a route whose path may be wrong: every other one goes with it (the runtime's
/// `loader/no_route.rs`).
const ANY: &str = "*";

pub(super) fn emit<K: Emit>(stand_in: StandIn<K>) -> TokenStream {
    let StandIn { runtime, conditions, visibility, name, owner, parameters, .. } = &stand_in;
    let conditions = conditions.clone();
    let beside_function = owner.is_none().then(|| (visibility.clone(), name.clone()));
    let owner = match owner {
        Some(owner) => owner.to_token_stream(),
        None => type_beside(name).to_token_stream(),
    };
    let any = std::iter::repeat_n(quote! { _: impl ::core::marker::Sized }, parameters.len());
    let call = call(&stand_in);
    let runtime = runtime.clone();
    let members = quote! {
        #visibility const ROUTE: &'static #runtime::str = #ANY;
        #visibility fn path(#(#any),*) -> #runtime::String {
            ::core::unreachable!()
        }
        #call
    };
    let load = load(&stand_in);
    let Checks { members: checked, items } = checks(stand_in);
    // A loader's own, which is checked, or one that is not.
    let load = checked.or(load);
    let code = quote! {
        #[doc(hidden)]
        #[allow(
            dead_code, deprecated, private_interfaces, private_bounds, unreachable_code, unreachable_pub,
            unused_mut, unused_qualifications, unused_variables, clippy::all
        )]
        const _: () = {
            impl #owner {
                #members
                #load
            }
            #items
        };
    };
    let code = match beside_function {
        Some((visibility, name)) => {
            beside(&runtime, (&visibility, &name), " A route that was refused.", &code)
        }
        None => code,
    };
    quote! { #(#conditions)* #code }
}

/// The checks that a route's own code makes of the types, as far as they are in order.
#[derive(Default)]
struct Checks {
    members: Option<TokenStream>,
    items: TokenStream,
}

fn checks<K: Emit>(stand_in: StandIn<K>) -> Checks {
    let StandIn { runtime, visibility, name, owner, output, callable, checked, .. } = stand_in;
    let Some(InOrder { arguments, has_all_arguments, options }) = checked else {
        return Checks::default();
    };
    let incoming = local("incoming");
    let takes = arguments.iter().map(|argument| {
        let (take, ty) = (handle::take(&runtime, argument, &incoming), &argument.ty);
        quote! { let _: #runtime::Argument<#ty> = #take; }
    });
    let arguments_checked = quote! {
        const _: fn(#runtime::Incoming) = |mut #incoming| { #(#takes)* };
    };
    // Without a `__call`, nothing is known of an opaque type.
    let output = output.filter(|output| callable.is_some() || !is_opaque(output));
    let (Some(output), Some(options)) = (output, options) else {
        return Checks { members: None, items: arguments_checked };
    };
    let route = Route {
        handler: Handler { conditions: Vec::new(), visibility, name, owner, arguments, output },
        runtime,
        path: LitStr::new(ANY, Span::call_site()),
        pattern: Pattern::default(),
        group: None,
        options,
    };
    let members = K::members(&route);
    let items = has_all_arguments.then(|| K::items(&route));
    let endpoint = K::endpoint(&route);
    Checks {
        members: (!members.is_empty()).then_some(members),
        items: quote! {
            #arguments_checked
            #items
            const _: () = { let _ = #endpoint; };
        },
    }
}

/// A loader whose live route was refused still learns its message type, by a call that never
/// happens.
fn call<K: Emit>(stand_in: &StandIn<K>) -> Option<TokenStream> {
    let StandIn { runtime, visibility, output, .. } = stand_in;
    let output = output.as_ref()?;
    let body = if is_opaque(output) {
        // Only a call tells what the type is.
        let (name, arguments) = (&stand_in.name, stand_in.callable?);
        let arguments = std::iter::repeat_n(quote! { ::core::unreachable!() }, arguments);
        let caller = format_ident!("{}_0", K::CALLER);
        quote! { #runtime::#caller(|| #name(#(#arguments),*)) }
    } else if K::CALLER == "start" {
        quote! { #runtime::start_0(::core::future::pending::<#output>) }
    } else {
        quote! { ::core::unreachable!() }
    };
    let called = K::called(output);
    Some(quote! {
        #visibility fn __call(_: #runtime::Incoming) -> #runtime::Call<#called> {
            #body
        }
    })
}

/// Stands there for a stream as well, where nothing uses it.
fn load<K>(stand_in: &StandIn<K>) -> Option<TokenStream> {
    let StandIn { runtime, visibility, output, .. } = stand_in;
    let output = output.as_ref().filter(|output| !is_opaque(output))?;
    let data = Data::of(runtime, output).ty;
    let request = local("_request");
    Some(quote! {
        #visibility fn load(
            #request: &#runtime::HttpRequest,
        ) -> #runtime::Call<#runtime::LoaderData<#data>> {
            ::core::unreachable!()
        }
    })
}
