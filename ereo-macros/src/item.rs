//! The annotated item: a function's signature, or those in an `impl`. No body is read, so an editor's
//! half-typed one expands as well.

mod alternatives;
mod attributes;
mod block;
mod conditional_arguments;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, GenericArgument, Meta, Pat, PathArguments, ReturnType, Safety, Signature,
    Token, Type, Visibility, parse_quote,
};

pub(crate) use self::alternatives::Alternatives;
pub(crate) use self::attributes::{FurtherRoute, further_routes, without_const, without_routes};
pub(crate) use self::block::{Block, is_block};

/// A function as it was written, checked or not.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let begin = input.span();
        let signature =
            input.parse().map_err(|_| syn::Error::new(begin, "expected an `async fn`"))?;
        // The body, whatever it is.
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, visibility, signature })
    }
}

/// Whether a function that cannot be read has an argument without a type, such as one that is being
/// typed.
pub(crate) fn has_untyped_argument(item: &TokenStream) -> bool {
    let mut tokens = item.clone().into_iter().skip_while(|token| !is_word(token, "fn")).skip(2);
    let Some(TokenTree::Group(arguments)) = tokens.next() else {
        return false;
    };
    let untyped = |argument: &[TokenTree]| {
        let colon = argument.iter().position(|token| is_mark(token, ':'));
        !argument.is_empty()
            && !argument.iter().any(|token| is_word(token, "self"))
            && colon.is_none_or(|colon| colon + 1 == argument.len())
    };
    at_commas(arguments.stream()).iter().any(|argument| untyped(argument))
}

/// The pieces between the commas that are not within `<` and `>`.
fn at_commas(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut pieces, mut depth, mut arrow) = (vec![Vec::new()], 0_usize, false);
    for token in tokens {
        if is_mark(&token, ',') && depth == 0 {
            pieces.push(Vec::new());
            continue;
        }
        if is_mark(&token, '<') {
            depth += 1;
        } else if is_mark(&token, '>') && !arrow {
            depth = depth.saturating_sub(1);
        }
        arrow = is_mark(&token, '-');
        // It begins with one piece, and only gets more.
        pieces.last_mut().expect("there is a first one").push(token);
    }
    pieces
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

impl Function {
    /// The type of each argument, and its name if its pattern is a plain one.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = (Option<&Ident>, &Type)> {
        self.signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Receiver(_) => None,
            FnArg::Typed(argument) => Some((plain_name(&argument.pat), &*argument.ty)),
        })
    }

    /// Whether generated code can call the function with values of any type.
    pub(crate) fn is_callable(&self) -> bool {
        let Signature { asyncness, safety, generics, inputs, variadic, .. } = &self.signature;
        let generic = |argument: &FnArg| match argument {
            FnArg::Receiver(_) => false,
            FnArg::Typed(argument) => is_opaque(&argument.ty),
        };
        asyncness.is_some()
            && !matches!(safety, Safety::Unsafe(_))
            && generics.params.is_empty()
            && variadic.is_none()
            && !inputs.iter().any(generic)
    }

    pub(crate) fn output(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, output) => Some(output),
        }
    }

    /// What decides whether the function is there at all, and so must decide it for everything
    /// generated beside it.
    pub(crate) fn conditions(&self) -> Vec<Attribute> {
        conditions(&self.attributes)
    }
}

fn conditions(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter_map(condition).collect()
}

/// The part of an attribute that is a condition. Of a `cfg_attr` only a `cfg` within is one: its
/// other attributes are meant for the function alone.
fn condition(attribute: &Attribute) -> Option<Attribute> {
    if attribute.path().is_ident("cfg") {
        return Some(attribute.clone());
    }
    if !attribute.path().is_ident("cfg_attr") {
        return None;
    }
    let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let mut metas = metas.into_iter();
    let predicate = metas.next()?;
    let cfgs: Vec<_> = metas.filter(|meta| meta.path().is_ident("cfg")).collect();
    (!cfgs.is_empty()).then(|| parse_quote! { #[cfg_attr(#predicate, #(#cfgs),*)] })
}

/// The name as the path spells it: `type` for `r#type`.
pub(crate) fn spelled(name: &Ident) -> String {
    name.unraw().to_string()
}

/// The type of a function that returns nothing, at its name.
pub(crate) fn unit(function: &Ident) -> Type {
    Type::Verbatim(quote_spanned! {function.span()=> () })
}

/// Whether `impl Trait` occurs in the type: such a type has no name to use it by elsewhere.
pub(crate) fn is_opaque(ty: &Type) -> bool {
    fn search(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(word) => word == "impl",
            TokenTree::Group(group) => search(group.stream()),
            _ => false,
        })
    }
    match ty {
        // Most types are a path whose arguments are paths: without a detour over the tokens.
        Type::Path(path) if path.qself.is_none() => {
            path.path.segments.iter().any(|segment| match &segment.arguments {
                PathArguments::None => false,
                PathArguments::AngleBracketed(arguments) => {
                    arguments.args.iter().any(|argument| match argument {
                        GenericArgument::Type(ty) => is_opaque(ty),
                        other => search(other.to_token_stream()),
                    })
                }
                PathArguments::Parenthesized(arguments) => search(arguments.to_token_stream()),
            })
        }
        other => search(other.to_token_stream()),
    }
}

/// The first borrow in the type that does not say it is `'static`. Types of functions are left out:
/// their lifetimes are their own.
pub(crate) fn borrow(ty: &Type) -> Option<TokenStream> {
    fn search(tokens: TokenStream) -> Option<TokenStream> {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(quote) if quote.as_char() == '\'' => match tokens.next() {
                    Some(TokenTree::Ident(name)) if name == "static" => {}
                    name => {
                        return Some([Some(quote.into()), name].into_iter().flatten().collect());
                    }
                },
                TokenTree::Punct(and) if and.as_char() == '&' => {
                    let lifetime = |next: &TokenTree| matches!(next, TokenTree::Punct(quote) if quote.as_char() == '\'');
                    if !tokens.peek().is_some_and(lifetime) {
                        return Some(and.into_token_stream());
                    }
                }
                TokenTree::Ident(word) if word == "for" || word == "fn" => return None,
                TokenTree::Ident(_) => {
                    tokens.next_if(|next| matches!(next, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis));
                }
                TokenTree::Group(group) => {
                    if let Some(found) = search(group.stream()) {
                        return Some(found);
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        None
    }
    search(ty.to_token_stream())
}

fn plain_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(pattern) if pattern.subpat.is_none() => Some(&pattern.ident),
        _ => None,
    }
}
