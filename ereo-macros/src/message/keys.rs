//! The keys of `#[serde(..)]` attributes.

use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprGroup, ExprLit, Lit, LitStr, Meta, Token};

/// All keys of an item's `#[serde(..)]` attributes. Attributes that are none of serde's are serde's to
/// report.
pub(crate) struct Keys(Vec<Meta>);

impl Keys {
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        let serdes = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
        let keys = serdes.filter_map(|attribute| {
            attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()
        });
        Self(keys.flatten().collect())
    }

    /// The key of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Meta> {
        self.0.iter().find(|key| key.path().is_ident(name))
    }

    /// The text of `name = ".."`.
    pub(crate) fn text(&self, name: &str) -> Option<LitStr> {
        self.get(name).and_then(text)
    }

    /// The name under which serde writes: the text of `name = ".."`, or of `name(serialize = "..")` where
    /// reading has another.
    pub(crate) fn written(&self, name: &str) -> Option<LitStr> {
        match self.get(name)? {
            Meta::List(list) => {
                let inner = Punctuated::<Meta, Token![,]>::parse_terminated;
                let inner = inner.parse2(list.tokens.clone()).ok()?;
                inner.iter().find(|key| key.path().is_ident("serialize")).and_then(text)
            }
            key => text(key),
        }
    }
}

pub(crate) fn is_untagged(attributes: &[Attribute]) -> bool {
    Keys::of(attributes).get("untagged").is_some()
}

fn text(key: &Meta) -> Option<LitStr> {
    let Meta::NameValue(pair) = key else { return None };
    literal(&pair.value)
}

/// A text, also one that a `macro_rules!` has put in.
pub(crate) fn literal(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        Expr::Group(ExprGroup { expr, .. }) => literal(expr),
        _ => None,
    }
}
