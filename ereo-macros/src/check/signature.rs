//! What a route's signature must not have.

use quote::ToTokens;
use syn::{FnArg, GenericParam, ReturnType, Safety, Signature};

use crate::diagnostics::Errors;
use crate::item::is_opaque;

/// Every mistake of the signature that no type tells of, in the order of the source. `returns` says
/// what a function of this kind gives back.
pub(super) fn check(signature: &Signature, returns: &str, errors: &mut Errors) {
    let name = &signature.ident;
    if let Safety::Unsafe(token) = &signature.safety {
        let message = "a route's function cannot be `unsafe`: the generated code could not call it\n\
                       help: remove `unsafe` and keep the unsafe part inside";
        errors.on(token, message);
    }
    if let Some(abi) = &signature.abi {
        let message = "a route's function cannot be `extern`: only the server calls it\n\
                       help: remove the ABI";
        errors.on(abi, message);
    }
    if signature.asyncness.is_none() {
        let message = format!("expected an `async fn`\nhelp: write `async fn {name}`");
        errors.on(signature.fn_token, message);
    }
    for parameter in &signature.generics.params {
        generic(parameter, errors);
    }
    for input in &signature.inputs {
        argument(input, errors);
    }
    if let Some(variadic) = &signature.variadic {
        let message = "a route's function cannot be variadic\n\
                       help: give each argument its own name and type";
        errors.on(variadic, message);
    }
    if matches!(signature.output, ReturnType::Default) {
        errors.on(name, format!("`{name}` returns nothing\nhelp: let it return {returns}"));
    }
}

fn generic(parameter: &GenericParam, errors: &mut Errors) {
    let (kind, name, mend) = match parameter {
        GenericParam::Type(parameter) => {
            ("type", parameter.ident.to_token_stream(), "name the type")
        }
        GenericParam::Const(parameter) => {
            ("const", parameter.ident.to_token_stream(), "write the value")
        }
        GenericParam::Lifetime(parameter) => {
            ("lifetime", parameter.lifetime.to_token_stream(), "take owned values")
        }
    };
    let message = format!(
        "a route's function cannot be generic: no request says what the {kind} parameter `{name}` is\n\
         help: {mend}"
    );
    errors.on(name, message);
}

fn argument(argument: &FnArg, errors: &mut Errors) {
    match argument {
        FnArg::Receiver(receiver) => {
            let message = "a route's function has no `self`\n\
                           help: move it out of the `impl` and take an argument `state: Data<T>`";
            errors.on(receiver, message);
        }
        FnArg::Typed(argument) if is_opaque(&argument.ty) => {
            let message = "an argument of `impl Trait` is generic, and no request says which type it is\n\
                           help: name the type";
            errors.on(&argument.ty, message);
        }
        FnArg::Typed(_) => {}
    }
}
