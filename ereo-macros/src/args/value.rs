//! One `key = value` and the types of value there are.

use std::fmt::Display;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path, Token};

use super::{Key, duration};

pub(crate) struct Value {
    pub(crate) key: Ident,
    /// Empty if nothing like `= value` stands behind the key.
    tokens: TokenStream,
}

/// Takes a key, and behind `=` one literal or path. Anything else behind the key is its (wrong)
/// value as a whole.
impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            // `key`, `key(..)`, `key: ..`: `expect_some` tells how a value is given.
            input.parse::<TokenStream>()?;
            return Ok(Self { key, tokens: TokenStream::new() });
        }
        input.parse::<Token![=]>()?;
        let tokens = if input.peek(LitStr) {
            input.parse::<LitStr>()?.into_token_stream()
        } else if let Ok(path) = input.fork().parse::<Path>() {
            input.parse::<Path>()?;
            path.into_token_stream()
        } else {
            input.parse()?
        };
        Ok(Self { key, tokens })
    }
}

impl Value {
    pub(crate) fn name(&self) -> String {
        self.key.unraw().to_string()
    }

    /// A value must be there.
    pub(crate) fn expect_some(&self, key: &Key) -> syn::Result<()> {
        if self.tokens.is_empty() {
            let Key { name, example } = key;
            let message =
                format!("the key `{name}` has no value\nhelp: write `{name} = {example}`");
            return Err(syn::Error::new_spanned(&self.key, message));
        }
        Ok(())
    }

    pub(crate) fn string(&self, example: &str) -> syn::Result<LitStr> {
        syn::parse2(self.tokens.clone()).map_err(|_| self.mismatch("a string literal", example))
    }

    pub(crate) fn path(&self, example: &str) -> syn::Result<Path> {
        syn::parse2(self.tokens.clone()).map_err(|_| self.mismatch("a path, not quoted", example))
    }

    /// A duration that is not zero, in milliseconds.
    pub(crate) fn milliseconds(&self, example: &str) -> syn::Result<u64> {
        let literal: LitStr = syn::parse2(self.tokens.clone())
            .map_err(|_| self.mismatch("a duration as a string literal", example))?;
        let (name, found) = (self.name(), literal.value());
        duration::milliseconds(&found).map_err(|problem| {
            self.error(format!(
                "`{name} = \"{found}\"` is {problem}\n\
                     help: write a number above zero and a unit (ms, s, m, h): `{name} = {example}`"
            ))
        })
    }

    /// Whether the value is this very string, a word that stands for a setting.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        syn::parse2::<LitStr>(self.tokens.clone()).is_ok_and(|literal| literal.value() == word)
    }

    /// An error that underlines the value.
    pub(crate) fn error(&self, message: impl Display) -> syn::Error {
        syn::Error::new_spanned(&self.tokens, message)
    }

    fn mismatch(&self, expected: &str, example: &str) -> syn::Error {
        let name = self.name();
        self.error(format!("`{name}` takes {expected}\nhelp: write `{name} = {example}`"))
    }
}
