//! The one hidden door: generated code names the runtime's items through `<runtime>::__private` and
//! nothing else.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt as _, quote, quote_spanned};
use syn::Path;

/// Path of the runtime crate.
#[derive(Clone, Default)]
pub(crate) enum Runtime {
    /// `::ereo_runtime`.
    #[default]
    Plain,
    /// Path that the key `crate` gives.
    Renamed(Path),
    /// The door itself under the short name [`ALIAS`], in the block that a route's code stands in.
    Alias,
}

/// Name of the door in a route's block.
pub(crate) const ALIAS: &str = "__ereo";

impl Runtime {
    /// The door with every token on `span`, so that a type error in what goes through it underlines
    /// the user's own tokens and not the whole attribute.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        match self {
            Self::Plain => quote_spanned! {span=> ::ereo_runtime::__private },
            Self::Alias => Ident::new(ALIAS, span).into_token_stream(),
            Self::Renamed(path) => {
                let path = path.to_token_stream().into_iter().map(|mut token| {
                    // Only the place moves: the path goes on to mean what it means where the user
                    // wrote it.
                    token.set_span(token.span().located_at(span));
                    token
                });
                let path: TokenStream = path.collect();
                quote_spanned! {span=> #path::__private }
            }
        }
    }
}

impl ToTokens for Runtime {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Plain => tokens.extend(quote! { ::ereo_runtime::__private }),
            Self::Renamed(path) => tokens.extend(quote! { #path::__private }),
            Self::Alias => tokens.append(Ident::new(ALIAS, Span::call_site())),
        }
    }
}

/// A local variable of generated code. It cannot meet a name of the user's, wherever the tokens
/// around it point to.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// A name of the user's that means what it means where it stands, in code that an error is to
/// underline elsewhere: rustc blames an argument and not the call.
pub(crate) fn located(name: &Ident, span: Span) -> Ident {
    let mut name = name.clone();
    name.set_span(name.span().located_at(span));
    name
}
