//! Mistakes in the spelling of a socket's type.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{GenericArgument, PathArguments, Type};

use crate::diagnostics::Errors;
use crate::item::{Function, borrow};

/// What rustc would tell of each `recv` in words of lifetimes that the user has not written.
pub(crate) fn check(function: &Function, errors: &mut Errors) {
    for borrow in borrowed(function) {
        let message = "each message is read into a value of its own, which cannot borrow from it\n\
                       help: receive what owns its data, for instance `Socket<String, Out>`";
        errors.on(borrow, message);
    }
}

/// The borrows in what sockets receive.
pub(crate) fn borrowed(function: &Function) -> impl Iterator<Item = TokenStream> {
    function.arguments().filter_map(|(_, ty)| {
        let Type::Path(path) = ty else { return None };
        let socket = path.path.segments.last().filter(|last| last.ident == "Socket")?;
        let PathArguments::AngleBracketed(arguments) = &socket.arguments else { return None };
        match arguments.args.first()? {
            // No message lives as long as the program.
            GenericArgument::Type(Type::Reference(reference)) => {
                Some(reference.and_token.to_token_stream())
            }
            GenericArgument::Type(received) => borrow(received),
            _ => None,
        }
    })
}
