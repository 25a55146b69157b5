//! Cuts the arguments at their commas, so that a mistake in one leaves the others readable.

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Lit, LitStr, Token};

use super::Value;

pub(crate) enum Entry {
    /// A string literal that belongs to no key.
    Path(LitStr),
    Value(Value),
    /// Tokens that are neither, and what to write instead.
    Wrong(TokenStream, String),
}

pub(crate) fn entries(tokens: TokenStream) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut piece = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                if piece.is_empty() {
                    let message = "nothing stands before this comma\nhelp: remove it".to_owned();
                    entries.push(Entry::Wrong(comma.into_token_stream(), message));
                }
                read(std::mem::take(&mut piece), &mut entries);
            }
            token => piece.extend([readable(token)]),
        }
    }
    read(piece, &mut entries);
    entries
}

/// A string with an escape that Rust does not have, such as the regex `"{id:\d+}"`, is read as the raw string
/// that was meant: rustc told of it, and suggests the `r`, before it called the macro.
fn readable(token: TokenTree) -> TokenTree {
    let TokenTree::Literal(literal) = &token else { return token };
    let text = literal.to_string();
    let meant = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let is_broken = || syn::parse2::<LitStr>(literal.to_token_stream()).is_err();
    match meant {
        Some(meant) if is_broken() => {
            let mut raw = Literal::string(meant);
            raw.set_span(literal.span());
            raw.into()
        }
        _ => token,
    }
}

/// Reads what stands between two commas: one entry, or several where a comma was forgotten.
fn read(mut piece: TokenStream, entries: &mut Vec<Entry>) {
    while !piece.is_empty() {
        let (entry, rest) = split(piece, entries.is_empty());
        entries.push(entry);
        if let Some(token) = rest.clone().into_iter().next() {
            let message = format!(
                "expected `,` before `{token}`\nhelp: a comma stands between two arguments"
            );
            entries.push(Entry::Wrong(token.into_token_stream(), message));
        }
        // Whatever follows a key without comma is only worth reading if it is a key again.
        let is_key = |input: ParseStream<'_>| {
            input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            input.parse::<TokenStream>()
        };
        piece = if is_key.parse2(rest.clone()).is_ok() { rest } else { TokenStream::new() };
    }
}

fn split(piece: TokenStream, is_first: bool) -> (Entry, TokenStream) {
    let key_or_literal = |input: ParseStream<'_>| {
        let entry = if input.peek(LitStr) {
            Entry::Path(input.parse()?)
        } else if input.peek(Ident::peek_any) && (!is_first || input.peek2(Token![=])) {
            Entry::Value(input.parse()?)
        } else if is_first {
            return Ok((not_a_path(input.parse()?), TokenStream::new()));
        } else {
            let message =
                "expected a key\nhelp: arguments behind the path are written `key = value`"
                    .to_owned();
            return Ok((Entry::Wrong(input.parse()?, message), TokenStream::new()));
        };
        Ok((entry, input.parse()?))
    };
    let whole = piece.clone();
    key_or_literal
        .parse2(piece)
        .unwrap_or_else(|error| (Entry::Wrong(whole, error.to_string()), TokenStream::new()))
}

fn not_a_path(tokens: TokenStream) -> Entry {
    let what = match syn::parse2::<Lit>(tokens.clone()) {
        Ok(Lit::ByteStr(_) | Lit::CStr(_)) => "a byte string",
        Ok(Lit::Int(_) | Lit::Float(_)) => "a number",
        Ok(Lit::Char(_) | Lit::Byte(_)) => "a character",
        Ok(_) => "this",
        Err(_) => "an expression",
    };
    let message = format!(
        "expected the path as a string literal, found {what}\n\
             help: write the path itself, for instance \"/feed\", which is checked now"
    );
    Entry::Wrong(tokens, message)
}
