//! The signature that each hook must have.

use quote::ToTokens;
use syn::{FnArg, Receiver, ReceiverKind, Signature, Type, TypeParamBound};

use crate::check::signature;
use crate::diagnostics::Errors;
use crate::item::Function;

pub(super) const OPEN: &str = "async fn open(connection: Connection<Out>, ..) -> Result<Self, E>";
pub(super) const MESSAGE: &str =
    "async fn message(&mut self, message: In) -> Result<(), SocketError>";
const UNREADABLE: &str =
    "async fn unreadable(&mut self, message: Unreadable) -> Result<(), SocketError>";
pub(super) const HEARS: &str = "fn hears(&mut self) -> PresenceEvents";
pub(super) const HEARD: &str =
    "async fn heard(&mut self, event: PresenceEvent) -> Result<(), SocketError>";
const REFRESH: &str = "async fn refresh(&mut self) -> Option<Expiry>";
const CLOSE: &str = "async fn close(self, reason: CloseReason)";

pub(super) fn open(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    signature::head(signature, "a hook", errors);
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => errors
                .on(receiver, format!("`open` has no `self`: it makes it\nhelp: write `{OPEN}`")),
            FnArg::Typed(argument) => signature::argument(argument, errors),
        }
    }
    signature::surplus(signature, "a hook", errors);
    signature::variadic(signature, "a hook", errors);
    if function.output().is_none() {
        let message = format!("`open` returns nothing\nhelp: write `{OPEN}`, or `-> Self`");
        errors.on(&signature.ident, message);
    }
}

pub(super) fn message(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    signature::head(signature, "a hook", errors);
    if named_otherwise(signature, "&mut self", MESSAGE, errors) {
        return;
    }
    receiver(signature, is_exclusive, "&mut self", MESSAGE, errors);
    let argument = arguments(signature, "the message", MESSAGE, errors);
    if let Some(Type::Reference(reference)) = argument {
        let message = "a message is read for the hook, which owns it\n\
                       help: write a type without reference, for instance `String`";
        errors.on(reference, message);
    }
    signature::variadic(signature, "a hook", errors);
}

pub(super) fn unreadable(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    signature::head(signature, "a hook", errors);
    if named_otherwise(signature, "&mut self", UNREADABLE, errors) {
        return;
    }
    receiver(signature, is_exclusive, "&mut self", UNREADABLE, errors);
    let argument = arguments(signature, "the unreadable message", UNREADABLE, errors);
    if let Some(Type::Reference(reference)) = argument {
        let message = "the hook owns the message\nhelp: write `Unreadable`, without reference";
        errors.on(reference, message);
    }
    signature::variadic(signature, "a hook", errors);
}

/// The source of `heard`'s events: a plain function, which is asked once and not waited for.
pub(super) fn hears(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    if let Some(token) = &signature.asyncness {
        let message = format!(
            "`hears` is not async: it only says what is to be heard of\nhelp: write `{HEARS}`"
        );
        errors.on(token, message);
    }
    signature::restrained(signature, "a hook", errors);
    if named_otherwise(signature, "&mut self", HEARS, errors) {
        return;
    }
    receiver(signature, is_borrow, "&mut self", HEARS, errors);
    for argument in signature.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_))) {
        let message = format!(
            "`hears` takes nothing but `&mut self`\n\
             help: write `{HEARS}`; what `open` extracts can be kept in `self`"
        );
        errors.on(argument, message);
    }
    signature::variadic(signature, "a hook", errors);
    match function.output() {
        None => {
            let message = format!("`hears` returns nothing to hear of\nhelp: write `{HEARS}`");
            errors.on(&signature.ident, message);
        }
        Some(Type::ImplTrait(opaque)) if !opaque.bounds.iter().any(is_use) => {
            let message = "what `hears` returns is kept beside the hooks, and may not borrow from `self`\n\
                           help: add `+ use<>` to it: `impl Stream<Item = Event> + use<>`";
            errors.on(opaque, message);
        }
        Some(_) => {}
    }
}

fn is_use(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::PreciseCapture(_))
}

pub(super) fn heard(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    signature::head(signature, "a hook", errors);
    if named_otherwise(signature, "&mut self", HEARD, errors) {
        return;
    }
    receiver(signature, is_exclusive, "&mut self", HEARD, errors);
    let argument = arguments(signature, "the event", HEARD, errors);
    if let Some(Type::Reference(reference)) = argument {
        let message = "the hook owns the event\nhelp: write its type without reference";
        errors.on(reference, message);
    }
    signature::variadic(signature, "a hook", errors);
}

pub(super) fn refresh(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    signature::head(signature, "a hook", errors);
    if named_otherwise(signature, "&mut self", REFRESH, errors) {
        return;
    }
    receiver(signature, is_exclusive, "&mut self", REFRESH, errors);
    for argument in signature.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_))) {
        let message = format!(
            "`refresh` takes nothing but `&mut self`\n\
             help: write `{REFRESH}`; what `open` extracts can be kept in `self`"
        );
        errors.on(argument, message);
    }
    signature::variadic(signature, "a hook", errors);
    if function.output().is_none() {
        let message = format!(
            "`refresh` returns nothing: nobody learns until when the connection may go on\n\
             help: write `{REFRESH}`"
        );
        errors.on(&signature.ident, message);
    }
}

pub(super) fn close(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    signature::head(signature, "a hook", errors);
    if named_otherwise(signature, "self", CLOSE, errors) {
        return;
    }
    receiver(signature, is_value, "self", CLOSE, errors);
    arguments(signature, "the reason", CLOSE, errors);
    signature::variadic(signature, "a hook", errors);
    if let Some(output) = function.output()
        && !matches!(output, Type::Tuple(tuple) if tuple.elems.is_empty())
    {
        let message = "`close` is the end: nobody gets what it returns\nhelp: return nothing";
        errors.on(output, message);
    }
}

/// Whether the value is an argument like any other, `this: &mut Self`: what else is wrong follows from that.
fn named_otherwise(
    signature: &Signature,
    expected: &str,
    usage: &str,
    errors: &mut Errors,
) -> bool {
    let Some(FnArg::Typed(first)) = signature.inputs.first() else {
        return false;
    };
    let is_own = |ty: &Type| ty.to_token_stream().to_string() == "Self";
    let own = match &*first.ty {
        Type::Reference(reference) => is_own(&reference.elem),
        other => is_own(other),
    };
    if own {
        let name = &signature.ident;
        errors
            .on(first, format!("`{name}` takes `{expected}`, by that name\nhelp: write `{usage}`"));
    }
    own
}

fn receiver(
    signature: &Signature,
    fits: fn(&Receiver) -> bool,
    expected: &str,
    usage: &str,
    errors: &mut Errors,
) {
    let name = &signature.ident;
    match signature.receiver() {
        Some(receiver) if fits(receiver) => {}
        Some(receiver) => {
            errors.on(receiver, format!("`{name}` takes `{expected}`\nhelp: write `{usage}`"));
        }
        None => errors.on(name, format!("`{name}` has no `{expected}`\nhelp: write `{usage}`")),
    }
}

/// The one argument behind `self`.
fn arguments<'a>(
    signature: &'a Signature,
    what: &str,
    usage: &str,
    errors: &mut Errors,
) -> Option<&'a Type> {
    let name = &signature.ident;
    let mut typed = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(argument) => Some(argument),
    });
    let Some(argument) = typed.next() else {
        errors.on(name, format!("`{name}` does not take {what}\nhelp: write `{usage}`"));
        return None;
    };
    signature::argument(argument, errors);
    for surplus in typed {
        let message = format!(
            "`{name}` takes {what} and nothing else\n\
             help: remove this argument; what `open` extracts can be kept in `self`"
        );
        errors.on(surplus, message);
    }
    Some(&argument.ty)
}

fn is_borrow(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => matches!(&**ty, Type::Reference(_)),
        _ => false,
    }
}

fn is_exclusive(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => ty.to_token_stream().to_string() == "& mut Self",
        _ => false,
    }
}

pub(super) fn is_value(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Value => true,
        ReceiverKind::Typed(_, ty) => ty.to_token_stream().to_string() == "Self",
        _ => false,
    }
}
