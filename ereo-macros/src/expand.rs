//! From an attribute to the code in its place.
//!
//! Each attribute goes through the same three steps: `args` and `item` parse, `check` makes a
//! `model` of what it finds or collects every error, `emit` writes the code of a checked model.
//! The types are left to rustc: the code that uses one carries the span of the user's tokens, and
//! the runtime's traits say what was expected.

use proc_macro2::TokenStream;

use crate::model::WebSocket;
use crate::{args, check, emit, item};

/// An attribute on a function.
pub(crate) fn route<K: check::Kind + emit::Emit>(
    arguments: TokenStream,
    item: TokenStream,
) -> TokenStream {
    under_conditions::<K>(&arguments, &item)
        .unwrap_or_else(|| emit::route(check::route::<K>(arguments, item)))
}

/// `#[websocket]`, which stands on a function or on a block of hooks.
pub(crate) fn websocket(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if !item::is_block(item.clone()) {
        return route::<WebSocket>(arguments, item);
    }
    under_conditions::<WebSocket>(&arguments, &item)
        .unwrap_or_else(|| emit::route(check::hooks(arguments, item)))
}

/// The item once with and once without what in it has a `cfg`; nothing where it has none.
///
/// An attribute sees its item before rustc has decided on what stands in it under a `cfg`.
fn under_conditions<K: args::Keys>(
    arguments: &TokenStream,
    item: &TokenStream,
) -> Option<TokenStream> {
    let (runtime, alternatives) = check::alternatives::<K>(arguments, item)?;
    Some(emit::alternatives::<K>(&runtime, arguments, &alternatives))
}
