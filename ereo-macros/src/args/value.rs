//! One `key = value` and the types of value there are.

use std::fmt::Display;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, token};

use super::{Key, duration, size};
use crate::model::Timer;

pub(crate) struct Value {
    pub(crate) key: Ident,
    /// Empty if nothing like `= value` stands behind the key.
    tokens: TokenStream,
    /// Tokens behind the name, such as `(value)`.
    behind: TokenStream,
}

impl Value {
    /// A key that stands for itself.
    pub(super) fn alone(key: Ident) -> Self {
        Self { key, tokens: TokenStream::new(), behind: TokenStream::new() }
    }
}

/// Takes a key, and behind `=` one literal, path or list. Anything else behind the key is its (wrong)
/// value as a whole.
impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            // `key`, `key(..)`, `key: ..`: `expect_some` tells how a value is given.
            let behind = input.parse::<TokenStream>()?;
            return Ok(Self { key, tokens: TokenStream::new(), behind });
        }
        input.parse::<Token![=]>()?;
        let tokens = if input.peek(LitStr) {
            input.parse::<LitStr>()?.into_token_stream()
        } else if let Ok(path) = input.fork().parse::<Path>() {
            input.parse::<Path>()?;
            // A call is no value, and as a whole.
            let call = input.peek(token::Paren).then(|| input.parse::<TokenTree>()).transpose()?;
            let mut tokens = path.into_token_stream();
            tokens.extend(call);
            // `keep-latest`, `v1.2`: a word that is not quoted goes on behind its mark.
            let goes_on = |input: ParseStream<'_>| {
                input.peek(Token![-]) || input.peek(Token![.]) || input.peek(Token![/])
            };
            while goes_on(input) {
                tokens.extend(input.parse::<TokenTree>());
                let is_key = input.peek(Ident::peek_any) && input.peek2(Token![=]);
                if !input.is_empty() && !is_key && !input.peek(LitStr) {
                    tokens.extend(input.parse::<TokenTree>());
                }
            }
            tokens
        } else if input.peek(token::Bracket) {
            input.parse::<TokenTree>()?.into()
        } else {
            input.parse()?
        };
        Ok(Self { key, tokens, behind: TokenStream::new() })
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

    /// A word that stands for itself has none.
    pub(crate) fn expect_none(&self) -> syn::Result<()> {
        let mut value = self.tokens.clone();
        value.extend(self.behind.clone());
        if value.is_empty() {
            return Ok(());
        }
        let name = self.name();
        let message = format!("`{name}` stands for itself\nhelp: write `{name}` alone");
        Err(syn::Error::new_spanned(value, message))
    }

    pub(crate) fn string(&self, example: &str) -> syn::Result<LitStr> {
        let meant = self.unquoted().map(|word| format!("\"{word}\""));
        self.string_or(meant.as_deref().unwrap_or(example))
    }

    /// A string of a few known ones; `meant` is the one that stands there otherwise, or an example.
    pub(crate) fn string_or(&self, meant: &str) -> syn::Result<LitStr> {
        syn::parse2(self.tokens.clone()).map_err(|_| self.mismatch("a string literal", meant))
    }

    /// The text of a value that only lacks its quotes: words and numbers, joined by marks that a word of a
    /// key may have.
    pub(crate) fn unquoted(&self) -> Option<String> {
        let is_part = |token: &TokenTree| match token {
            TokenTree::Ident(_) => true,
            TokenTree::Literal(number) => {
                number.to_string().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
            }
            TokenTree::Punct(mark) => matches!(mark.as_char(), '-' | '.'),
            TokenTree::Group(_) => false,
        };
        let begins = matches!(self.tokens.clone().into_iter().next(), Some(TokenTree::Ident(_)));
        let text: String = self.tokens.clone().into_iter().map(|token| token.to_string()).collect();
        let is_word = begins
            && self.tokens.clone().into_iter().all(|token| is_part(&token))
            && !text.ends_with(['-', '.']);
        is_word.then_some(text)
    }

    pub(crate) fn path(&self, example: &str) -> syn::Result<Path> {
        syn::parse2(self.tokens.clone())
            .map_err(|_| self.mismatch("a path, neither quoted nor called", example))
    }

    /// A duration that is not zero, in milliseconds.
    pub(crate) fn milliseconds(&self, example: &str) -> syn::Result<u64> {
        self.milliseconds_or("", example)
    }

    fn milliseconds_or(&self, alternative: &str, example: &str) -> syn::Result<u64> {
        let literal: LitStr = syn::parse2(self.tokens.clone()).map_err(|_| {
            let name = self.name();
            self.error(format!(
                "`{name}` takes a duration as a string literal\n\
                 help: write `{name} = {example}`{alternative}"
            ))
        })?;
        let (name, found) = (self.name(), literal.value());
        duration::milliseconds(&found).map_err(|(problem, mend)| {
            let mend = mend.unwrap_or_else(|| {
                format!(
                    "write a number above zero and a unit (ms, s, m, h): `{name} = {example}`{alternative}"
                )
            });
            self.error(format!("`{name} = \"{found}\"` is {problem}\nhelp: {mend}"))
        })
    }

    /// A duration, or the word that stands for none.
    pub(crate) fn timer(&self, example: &str) -> syn::Result<Timer> {
        let literal = syn::parse2::<LitStr>(self.tokens.clone());
        if literal.is_ok_and(|literal| literal.value() == "off") {
            return Ok(Timer::Off);
        }
        self.milliseconds_or(", or \"off\"", example).map(Timer::After)
    }

    /// A size that is not zero, in bytes.
    pub(crate) fn bytes(&self, example: &str) -> syn::Result<u64> {
        let literal: LitStr = syn::parse2(self.tokens.clone())
            .map_err(|_| self.mismatch("a size as a string literal", example))?;
        let (name, found) = (self.name(), literal.value());
        size::bytes(&found).map_err(|(problem, mend)| {
            let mend = mend.unwrap_or_else(|| {
                format!(
                    "write a number above zero and a unit (B, KiB, MiB, GiB): `{name} = {example}`"
                )
            });
            self.error(format!("`{name} = \"{found}\"` is {problem}\nhelp: {mend}"))
        })
    }

    /// A list of strings.
    pub(crate) fn strings(&self, example: &str) -> syn::Result<Vec<LitStr>> {
        let list = |input: ParseStream<'_>| {
            let content;
            syn::bracketed!(content in input);
            Punctuated::<TokenTree, Token![,]>::parse_terminated(&content)
        };
        let name = self.name();
        let Ok(list) = list.parse2(self.tokens.clone()) else {
            let example = match syn::parse2::<LitStr>(self.tokens.clone()) {
                Ok(literal) => format!("[{}]", literal.token()),
                Err(_) => example.to_owned(),
            };
            return Err(self.mismatch("a list of string literals", &example));
        };
        let string = |element: TokenTree| {
            syn::parse2::<LitStr>(element.to_token_stream()).map_err(|_| {
                let message = format!(
                    "expected a string literal\nhelp: write `{name} = {example}`, which is checked now"
                );
                syn::Error::new_spanned(element, message)
            })
        };
        let (mut strings, mut errors) = (Vec::new(), None::<syn::Error>);
        for element in list {
            match (string(element), &mut errors) {
                (Ok(string), _) => strings.push(string),
                (Err(error), Some(errors)) => errors.combine(error),
                (Err(error), None) => errors = Some(error),
            }
        }
        errors.map_or(Ok(strings), Err)
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
