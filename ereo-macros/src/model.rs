//! A route that passed every check. The emitter sees nothing else, and so has no mistakes to think
//! of.

use syn::{Attribute, Ident, LitStr, Path, Type, Visibility};

use crate::path::Pattern;
use crate::paths::Runtime;

/// A route of kind `K`: [`Sse`] or [`Loader`].
pub(crate) struct Route<K> {
    pub(crate) runtime: Runtime,
    /// The path as written: where errors about it point to.
    pub(crate) path: LitStr,
    pub(crate) pattern: Pattern,
    pub(crate) group: Option<LitStr>,
    pub(crate) handler: Handler,
    pub(crate) options: K,
}

/// The user's function.
pub(crate) struct Handler {
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// In the order of the signature.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: Type,
}

pub(crate) struct Argument {
    pub(crate) ty: Type,
    pub(crate) source: Source,
}

/// Where an argument's value comes from.
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

impl Handler {
    fn parameter(&self, wanted: &str) -> Option<(&Ident, &Type)> {
        self.arguments.iter().find_map(|argument| match &argument.source {
            Source::Parameter { name, argument: ident } if name == wanted => {
                Some((ident, &argument.ty))
            }
            _ => None,
        })
    }
}

/// What `#[sse]` was told. An absent key leaves the runtime's default.
#[derive(Default)]
pub(crate) struct Sse {
    /// In milliseconds.
    pub(crate) retry: Option<u64>,
    pub(crate) heartbeat: Option<Heartbeat>,
}

pub(crate) enum Heartbeat {
    /// In milliseconds.
    Every(u64),
    Off,
}

/// What `#[loader]` was told.
#[derive(Default)]
pub(crate) struct Loader {
    /// The SSE route that goes on from where the loader's data ends.
    pub(crate) live: Option<Path>,
    /// In milliseconds.
    pub(crate) cache: Option<u64>,
}

/// What stands in for a route that was refused, so that what uses it does not fail as well.
pub(crate) struct StandIn {
    pub(crate) runtime: Runtime,
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) path: String,
    /// The path's parameters, as far as they could be read.
    pub(crate) parameters: Vec<String>,
    /// How many arguments the function takes, if generated code could call it at all.
    pub(crate) callable: Option<usize>,
    pub(crate) output: Option<Type>,
}
