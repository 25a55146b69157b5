//! Mistakes in the spelling of a stream's type.

use syn::punctuated::Punctuated;
use syn::{GenericArgument, PathArguments, PathSegment, Token, Type, TypeParamBound};

use crate::diagnostics::Errors;

/// What rustc would tell of a stream in the words of traits that the user has not written.
pub(crate) fn check(ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Path(path) => {
            let Some(PathSegment { ident, arguments: PathArguments::AngleBracketed(arguments) }) =
                path.path.segments.last()
            else {
                return;
            };
            for argument in &arguments.args {
                match argument {
                    GenericArgument::Type(Type::TraitObject(object))
                        if ident == "Box" && is_unpinned(&object.bounds) =>
                    {
                        let message = "a boxed stream is polled in its place, and must be pinned there\n\
                                       help: write `Pin<Box<dyn Stream<Item = T>>>`, which `Box::pin(stream)` gives";
                        errors.on(ident, message);
                    }
                    // What is pinned, is.
                    GenericArgument::Type(ty) if ident != "Pin" => check(ty, errors),
                    _ => {}
                }
            }
        }
        Type::ImplTrait(opaque) => {
            if let Some(name) = streams(&opaque.bounds).find(|stream| stream.arguments.is_none()) {
                let message = "nothing says what this stream is of\n\
                               help: write `impl Stream<Item = T>`, where `T` is a message";
                errors.on(&name.ident, message);
            }
        }
        _ => {}
    }
}

type Bounds = Punctuated<TypeParamBound, Token![+]>;

/// The bounds that are streams, by their name.
fn streams(bounds: &Bounds) -> impl Iterator<Item = &PathSegment> {
    let names = bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    });
    names.filter(|name| name.ident == "Stream")
}

fn is_unpinned(bounds: &Bounds) -> bool {
    let unpin = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Trait(bound) if bound.path.is_ident("Unpin"));
    streams(bounds).next().is_some() && !bounds.iter().any(unpin)
}
