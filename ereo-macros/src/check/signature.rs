//! Parts that a route's signature must not have.

use quote::ToTokens;
use syn::{FnArg, GenericParam, PatType, ReturnType, Safety, Signature, Type};

use crate::diagnostics::Errors;
use crate::item::{borrow, is_opaque};

const FUNCTION: &str = "a route's function";

/// As many as `ereo-runtime` has callers for (`route/callers.rs`), and actix-web handlers.
const ARGUMENTS: usize = 16;

/// Every mistake of the signature that no type tells of, in the order of the source. `returns` says
/// what a function of this kind gives back, if it must give something.
pub(super) fn check(
    signature: &Signature,
    returns: Option<&str>,
    of_self: &str,
    errors: &mut Errors,
) {
    let name = &signature.ident;
    head(signature, FUNCTION, errors);
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                let message = format!(
                    "a route's function has no `self`\nhelp: move it out of the `impl` {of_self}"
                );
                errors.on(receiver, message);
            }
            FnArg::Typed(typed) => argument(typed, errors),
        }
    }
    surplus(signature, FUNCTION, errors);
    variadic(signature, FUNCTION, errors);
    match (&signature.output, returns) {
        (ReturnType::Default, Some(returns)) => {
            errors.on(name, format!("`{name}` returns nothing\nhelp: let it return {returns}"));
        }
        // Of a generic lifetime the generics tell.
        (ReturnType::Type(_, output), _) if signature.generics.params.is_empty() => {
            borrowed(output, errors);
        }
        _ => {}
    }
}

/// What stands before the arguments. `subject` is what the user annotated.
pub(super) fn head(signature: &Signature, subject: &str, errors: &mut Errors) {
    let name = &signature.ident;
    if signature.asyncness.is_none() {
        let message = format!("expected an `async fn`\nhelp: write `async fn {name}`");
        errors.on(signature.fn_token, message);
    }
    restrained(signature, subject, errors);
}

/// The same of a function that need not be `async`.
pub(super) fn restrained(signature: &Signature, subject: &str, errors: &mut Errors) {
    if let Safety::Unsafe(token) = &signature.safety {
        let message = format!(
            "{subject} cannot be `unsafe`: the generated code could not call it\n\
             help: remove `unsafe` and keep the unsafe part inside"
        );
        errors.on(token, message);
    }
    if let Some(abi) = &signature.abi {
        let message =
            format!("{subject} cannot be `extern`: only the server calls it\nhelp: remove the ABI");
        errors.on(abi, message);
    }
    for parameter in &signature.generics.params {
        generic(parameter, subject, errors);
    }
}

/// What a function gives is used when its arguments are gone.
fn borrowed(output: &Type, errors: &mut Errors) {
    if let Some(borrow) = borrow(output) {
        let message = "what a route's function returns outlives its arguments, and cannot borrow\n\
                       help: return what owns its data, or says `'static`";
        errors.on(borrow, message);
    }
}

/// The first argument that is one too many.
pub(super) fn surplus(signature: &Signature, subject: &str, errors: &mut Errors) {
    if let Some(argument) = signature.inputs.iter().nth(ARGUMENTS) {
        let message = format!(
            "{subject} has {ARGUMENTS} arguments at the most\n\
             help: take several extractors as one, a tuple: `(db, user): (Data<Db>, User)`"
        );
        errors.on(argument, message);
    }
}

pub(super) fn variadic(signature: &Signature, subject: &str, errors: &mut Errors) {
    if let Some(variadic) = &signature.variadic {
        let message =
            format!("{subject} cannot be variadic\nhelp: give each argument its own name and type");
        errors.on(variadic, message);
    }
}

pub(super) fn generic(parameter: &GenericParam, subject: &str, errors: &mut Errors) {
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
        "{subject} cannot be generic: no request says what the {kind} parameter `{name}` is\n\
         help: {mend}"
    );
    errors.on(name, message);
}

pub(super) fn argument(argument: &PatType, errors: &mut Errors) {
    if is_opaque(&argument.ty) {
        let message = "an argument of `impl Trait` is generic, and no request says which type it is\n\
                       help: name the type";
        errors.on(&argument.ty, message);
    }
}
