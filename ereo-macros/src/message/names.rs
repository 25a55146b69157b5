//! The names that serde gives to variants, as names of events.

use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Token};

use crate::diagnostics::Errors;

/// Refuses names that no event can have. What serde makes of the variant's own name is fine.
pub(super) fn check(attributes: &[Attribute], errors: &mut Errors) {
    let renamed = attributes.iter().filter(|it| it.path().is_ident("serde")).filter_map(renamed);
    for name in renamed {
        if let Some(fault) = fault(&name.value()) {
            errors.on(name, fault);
        }
    }
}

/// The text of `rename = ".."`, or of `rename(serialize = "..")`.
fn renamed(attribute: &Attribute) -> Option<LitStr> {
    let keys = Punctuated::<Meta, Token![,]>::parse_terminated;
    let text = |key: &Meta| match key {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    };
    attribute.parse_args_with(keys).ok()?.iter().find_map(|key| match key {
        Meta::List(list) if list.path.is_ident("rename") => {
            let inner = keys.parse2(list.tokens.clone()).ok()?;
            inner.iter().find(|key| key.path().is_ident("serialize")).and_then(text)
        }
        key if key.path().is_ident("rename") => text(key),
        _ => None,
    })
}

fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some(
            "an event without a name is a `message` to the browser\n\
             help: write a name, or remove this one",
        );
    }
    name.contains(['\r', '\n'])
        .then_some("the name of an event is one line\nhelp: remove the line break")
}
