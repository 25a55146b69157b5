//! A route that passed every check. The emitter sees nothing else, and so has no mistakes to think
//! of.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, Ident, LitStr, Path, Type, Visibility};

use crate::path::Pattern;
use crate::paths::Runtime;

/// A route of kind `K`: [`Sse`], [`Loader`], [`WebSocket`] or [`Hooks`].
pub(crate) struct Route<K> {
    pub(crate) runtime: Runtime,
    /// The path as written: where errors about it point to.
    pub(crate) path: LitStr,
    pub(crate) pattern: Pattern,
    pub(crate) group: Option<LitStr>,
    pub(crate) handler: Handler,
    pub(crate) options: K,
}

/// The user's function: a free one, or `open` of an `impl`.
pub(crate) struct Handler {
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    /// The route's name: the function, or the type of the `impl`.
    pub(crate) name: Ident,
    /// The type of the `impl`. Beside a free function one of its name is generated.
    pub(crate) owner: Option<Type>,
    /// In the order of the signature.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: Type,
}

pub(crate) struct Argument {
    pub(crate) ty: Type,
    pub(crate) source: Source,
}

/// The source of an argument's value.
pub(crate) enum Source {
    /// The path's parameter `name`, which the argument is called after.
    Parameter { name: String, argument: Ident },
    /// The request, by actix-web's extractors.
    Request,
}

impl<K> Route<K> {
    /// The argument of each parameter, in the order of the path.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&Ident, &Type)> {
        self.pattern.parameters().filter_map(|parameter| self.handler.parameter(&parameter.name))
    }
}

/// The type that a function's route has beside it. The function's name is another name of it, an alias: where
/// that is a module's already, only the alias is an error.
pub(crate) fn type_beside(function: &Ident) -> Ident {
    format_ident!("__route_{}", function)
}

impl Handler {
    /// The type that the generated items belong to, by a name that nothing else has.
    pub(crate) fn holder(&self) -> Ident {
        type_beside(&self.name)
    }

    /// The path by which code outside names the type that the generated items belong to.
    pub(crate) fn path(&self) -> TokenStream {
        match &self.owner {
            Some(owner) => quote! { <#owner> },
            None => self.name.to_token_stream(),
        }
    }

    fn parameter(&self, wanted: &str) -> Option<(&Ident, &Type)> {
        self.arguments.iter().find_map(|argument| match &argument.source {
            Source::Parameter { name, argument: ident } if name == wanted => {
                Some((ident, &argument.ty))
            }
            _ => None,
        })
    }
}

/// Keys of `#[sse]`. An absent key leaves the runtime's default.
#[derive(Default)]
pub(crate) struct Sse {
    /// In milliseconds.
    pub(crate) retry: Option<u64>,
    pub(crate) heartbeat: Option<Timer>,
    /// With the key, which an error about it underlines.
    pub(crate) on_lag: Option<(Ident, OnLag)>,
    /// Whether it is asked for by POST, and may have a body.
    pub(crate) post: bool,
}

/// The runtime's type of this name.
pub(crate) enum OnLag {
    Disconnect,
    SkipToOldest,
    KeepLatest,
}

pub(crate) enum Timer {
    /// In milliseconds.
    After(u64),
    Off,
}

/// Keys of `#[loader]`.
#[derive(Default)]
pub(crate) struct Loader {
    /// The SSE route that goes on from where the loader's data ends.
    pub(crate) live: Option<Path>,
    /// Whether that route sends changes to the data, of a type of their own, and not the data anew.
    pub(crate) changes: bool,
    /// In milliseconds.
    pub(crate) cache: Option<u64>,
}

/// Keys of `#[websocket]` above a function. An absent key leaves the runtime's default.
#[derive(Default)]
pub(crate) struct WebSocket {
    /// In bytes.
    pub(crate) max_message: Option<u64>,
    pub(crate) origins: Option<Vec<LitStr>>,
    /// Subprotocols, the preferred one first.
    pub(crate) protocols: Option<Vec<LitStr>>,
    pub(crate) ping: Option<Timer>,
    pub(crate) idle: Option<Timer>,
    pub(crate) message_timeout: Option<Timer>,
    pub(crate) compression: Option<Compression>,
    /// In bytes.
    pub(crate) compression_threshold: Option<u64>,
}

/// The runtime's type of this name.
pub(crate) enum Compression {
    Off,
    Broadcast,
    On,
}

/// Keys of `#[websocket]` above an `impl`, and the hooks in it. The route's handler is `open`.
pub(crate) struct Hooks {
    pub(crate) keys: WebSocket,
    /// The argument of `message`.
    pub(crate) received: Type,
    pub(crate) message_output: Type,
    pub(crate) unreadable: Option<Unreadable>,
    pub(crate) heard: Option<Heard>,
    /// The type that `refresh` returns, if there is one.
    pub(crate) refresh: Option<Type>,
    /// The argument of `close`, if there is a `close`.
    pub(crate) close: Option<Type>,
}

/// The hook `unreadable`.
pub(crate) struct Unreadable {
    /// Its argument.
    pub(crate) taken: Type,
    pub(crate) output: Type,
}

/// The hooks `hears` and `heard`.
pub(crate) struct Heard {
    /// The type that `hears` returns.
    pub(crate) source: Type,
    /// The argument of `heard`.
    pub(crate) event: Type,
    pub(crate) output: Type,
}

/// A stand-in for a route that was refused, so that what uses it does not fail as well.
pub(crate) struct StandIn<K> {
    pub(crate) runtime: Runtime,
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// As in [`Handler`].
    pub(crate) owner: Option<Type>,
    /// The path's parameters, as far as they could be read.
    pub(crate) parameters: Vec<String>,
    /// Number of arguments that the function takes, if generated code could call it at all.
    pub(crate) callable: Option<usize>,
    pub(crate) output: Option<Type>,
    pub(crate) checked: Option<InOrder<K>>,
}

/// The parts of a refused route that are in order: its types are checked, so that one compile tells of them
/// as well.
pub(crate) struct InOrder<K> {
    /// The arguments; not those that may be meant for a parameter which the path does not have.
    pub(crate) arguments: Vec<Argument>,
    /// Whether these are all of them.
    pub(crate) has_all_arguments: bool,
    /// The keys, if what the function returns is in order as well.
    pub(crate) options: Option<K>,
}
