//! Arguments under a `cfg`: as with hooks, the whole item is written with the argument and without it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::Attribute;
use syn::parse::{ParseStream, Parser as _};

use super::alternatives::{Alternatives, predicate};
use super::block::member;
use super::{at_commas, condition, is_word, spelled};

impl Alternatives {
    /// A function with and without its first conditional argument.
    pub(crate) fn of_argument(function: &TokenStream) -> Option<Self> {
        let tokens: Vec<TokenTree> = function.clone().into_iter().collect();
        let begin = tokens.iter().position(|token| is_word(token, "fn"))?;
        let is_arguments = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
        let at = begin + tokens[begin..].iter().position(is_arguments)?;
        let TokenTree::Group(group) = &tokens[at] else { return None };
        let mut arguments = at_commas(group.stream());
        let found = arguments.iter().position(|argument| {
            argument.first().is_some_and(|first| super::is_mark(first, '#'))
                && conditional(argument).is_some()
        })?;
        let (predicate, argument) = conditional(&arguments[found])?;
        let whole = |arguments: &[Vec<TokenTree>]| {
            let arguments = arguments.iter().map(|argument| quote! { #(#argument)* });
            let mut whole = Group::new(group.delimiter(), quote! { #(#arguments),* });
            whole.set_span(group.span());
            let (before, behind) = (&tokens[..at], &tokens[at + 1..]);
            quote! { #(#before)* #whole #(#behind)* }
        };
        arguments[found] = argument;
        let with = whole(&arguments);
        arguments.remove(found);
        Some(Self { predicate, with, without: whole(&arguments) })
    }

    /// An `impl` with and without the first conditional argument of one of its functions of these names.
    pub(crate) fn of_hooks_argument(item: &TokenStream, names: &[&str]) -> Option<Self> {
        let mut head: Vec<TokenTree> = item.clone().into_iter().collect();
        let Some(TokenTree::Group(block)) = head.pop() else { return None };
        let search = |input: ParseStream<'_>| search(input, names);
        let (before, found, behind) = search.parse2(block.stream()).ok()?;
        let whole = |function: TokenStream| {
            let mut whole = Group::new(block.delimiter(), quote! { #before #function #behind });
            whole.set_span(block.span());
            quote! { #(#head)* #whole }
        };
        let Self { predicate, with, without } = found;
        Some(Self { predicate, with: whole(with), without: whole(without) })
    }
}

/// What stands before the function, its alternatives, and what stands behind it.
fn search(
    input: ParseStream<'_>,
    names: &[&str],
) -> syn::Result<(TokenStream, Alternatives, TokenStream)> {
    let mut before = TokenStream::new();
    while !input.is_empty() {
        let start = input.fork();
        let function = member(input)?;
        let mut tokens = TokenStream::new();
        while start.cursor() != input.cursor() {
            tokens.extend([start.parse::<TokenTree>()?]);
        }
        let is_hook = function
            .is_some_and(|function| names.contains(&spelled(&function.signature.ident).as_str()));
        if is_hook && let Some(found) = Alternatives::of_argument(&tokens) {
            return Ok((before, found, input.parse()?));
        }
        before.extend(tokens);
    }
    Err(input.error("no conditional argument"))
}

/// What decides whether the argument is there, and the argument without its condition.
fn conditional(argument: &[TokenTree]) -> Option<(TokenStream, Vec<TokenTree>)> {
    let split = |input: ParseStream<'_>| {
        Ok((input.call(Attribute::parse_outer)?, input.parse::<TokenStream>()?))
    };
    let (attributes, rest) = split.parse2(argument.iter().cloned().collect()).ok()?;
    let mut predicates =
        attributes.iter().filter_map(condition).filter_map(|it| predicate(&it)).peekable();
    predicates.peek()?;
    let kept = attributes.iter().filter(|attribute| condition(attribute).is_none());
    Some((quote! { all(#(#predicates),*) }, quote! { #(#kept)* #rest }.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::Alternatives;

    #[test]
    fn a_function_is_written_with_and_without_a_conditional_argument() {
        let function = quote! {
            #[doc = ""]
            pub async fn feed(a: Map<A, B>, #[cfg(unix)] #[allow(unused)] b: B, c: C) -> D { half typed . }
        };
        let Alternatives { predicate, with, without } =
            Alternatives::of_argument(&function).expect("`b` has a condition");
        assert_eq!(predicate.to_string(), quote! { all(unix) }.to_string());
        let expected = quote! {
            #[doc = ""]
            pub async fn feed(a: Map<A, B>, #[allow(unused)] b: B, c: C) -> D { half typed . }
        };
        assert_eq!(with.to_string(), expected.to_string());
        let expected = quote! {
            #[doc = ""]
            pub async fn feed(a: Map<A, B>, c: C) -> D { half typed . }
        };
        assert_eq!(without.to_string(), expected.to_string());
    }

    #[test]
    fn a_hook_is_written_with_and_without_a_conditional_argument() {
        let block = quote! {
            impl Chat {
                async fn other(#[cfg(unix)] a: A) {}
                async fn open(#[cfg(unix)] a: A) -> Self { Self }
            }
        };
        let Alternatives { with, without, .. } =
            Alternatives::of_hooks_argument(&block, &["open"]).expect("`a` has a condition");
        assert!(with.to_string().contains(&quote! { fn open(a: A) }.to_string()), "{with}");
        assert!(without.to_string().contains(&quote! { fn open() }.to_string()), "{without}");
        assert!(Alternatives::of_hooks_argument(&block, &["close"]).is_none());
    }

    #[test]
    fn another_attribute_is_no_condition() {
        let function = quote! { async fn feed(#[allow(unused)] a: A) {} };
        assert!(Alternatives::of_argument(&function).is_none());
    }
}
