//! Hooks under a `cfg`. An attribute sees all the functions of its `impl`, those included that a `cfg`
//! takes away afterwards, and cannot ask which ones these are. But rustc decides over a whole item
//! before it expands the attributes above it: so the block is written twice, with the function and
//! without it, each under the `cfg` that belongs to it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use super::block::member;
use super::{condition, spelled};

/// The item with and without something in it that has a condition.
pub(crate) struct Alternatives {
    /// What a `cfg` asks, for the item with it.
    pub(crate) predicate: TokenStream,
    /// It stands there without its condition.
    pub(crate) with: TokenStream,
    pub(crate) without: TokenStream,
}

impl Alternatives {
    /// The block with and without its first conditional function of one of these names.
    pub(crate) fn of(item: &TokenStream, names: &[&str]) -> Option<Self> {
        let mut head: Vec<TokenTree> = item.clone().into_iter().collect();
        let Some(TokenTree::Group(block)) = head.pop() else {
            return None;
        };
        if block.delimiter() != Delimiter::Brace {
            return None;
        }
        let (before, attributes, function, behind) =
            (|input: ParseStream<'_>| split(input, names)).parse2(block.stream()).ok()?;
        let predicates = attributes.iter().filter_map(condition).filter_map(|it| predicate(&it));
        let predicate = quote! { all(#(#predicates),*) };
        let kept = attributes.iter().filter(|attribute| condition(attribute).is_none());
        let whole = |members: TokenStream| {
            let mut whole = Group::new(Delimiter::Brace, members);
            whole.set_span(block.span());
            head.iter().cloned().chain([TokenTree::Group(whole)]).collect()
        };
        Some(Self {
            predicate,
            with: whole(quote! { #before #(#kept)* #function #behind }),
            without: whole(quote! { #before #behind }),
        })
    }
}

/// What stands before the function, its attributes, itself, and what stands behind it.
type Split = (TokenStream, Vec<Attribute>, TokenStream, TokenStream);

fn split(input: ParseStream<'_>, names: &[&str]) -> syn::Result<Split> {
    let mut before = TokenStream::new();
    while !input.is_empty() {
        let start = input.fork();
        let function = member(input)?;
        let conditional = function.is_some_and(|function| {
            names.contains(&spelled(&function.signature.ident).as_str())
                && !function.conditions().is_empty()
        });
        let mut tokens = TokenStream::new();
        let attributes = if conditional { start.call(Attribute::parse_outer)? } else { Vec::new() };
        while start.cursor() != input.cursor() {
            tokens.extend([start.parse::<TokenTree>()?]);
        }
        if conditional {
            return Ok((before, attributes, tokens, input.parse()?));
        }
        before.extend(tokens);
    }
    Err(input.error("no conditional function"))
}

/// What a condition asks. A `cfg_attr` asks for its `cfg`s only where its own predicate holds.
pub(super) fn predicate(condition: &Attribute) -> Option<TokenStream> {
    if condition.path().is_ident("cfg") {
        return Some(condition.meta.require_list().ok()?.tokens.clone());
    }
    let metas = condition.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let mut metas = metas.into_iter();
    let applies = metas.next()?;
    let asked = metas.filter_map(|cfg| Some(cfg.require_list().ok()?.tokens.to_token_stream()));
    Some(quote! { any(not(#applies), all(#(#asked),*)) })
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::Alternatives;

    #[test]
    fn a_block_is_written_with_and_without_a_conditional_hook() {
        let block = quote! {
            impl Chat {
                #[cfg(unix)]
                async fn other() {}
                async fn open() -> Self { Self }
                /// Documented.
                #[cfg(unix)]
                #[cfg_attr(test, cfg(a), cfg(b), allow(unused))]
                pub async fn close(self, reason: CloseReason) { half typed . }
                const LAST: u8 = 1;
            }
        };
        let Alternatives { predicate, with, without } =
            Alternatives::of(&block, &["open", "close"]).expect("`close` has a condition");
        let expected = quote! { all(unix, any(not(test), all(a, b))) };
        assert_eq!(predicate.to_string(), expected.to_string());
        let expected = quote! {
            impl Chat {
                #[cfg(unix)]
                async fn other() {}
                async fn open() -> Self { Self }
                const LAST: u8 = 1;
            }
        };
        assert_eq!(without.to_string(), expected.to_string());
        let with = with.to_string();
        assert!(with.contains("half typed") && with.contains("Documented"), "{with}");
        assert!(!with.contains("cfg (a)"), "{with}");
    }

    #[test]
    fn a_block_without_conditions_has_no_alternatives() {
        assert!(Alternatives::of(&quote! { impl Chat { fn open() {} } }, &["open"]).is_none());
        assert!(Alternatives::of(&quote! { async fn open() {} }, &["open"]).is_none());
    }
}
