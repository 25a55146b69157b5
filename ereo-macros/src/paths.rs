//! The one hidden door: generated code names the runtime's items through `<runtime>::__private` and
//! nothing else.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

/// Where the runtime is: `::ereo_runtime`, or what the key `crate` says.
#[derive(Default)]
pub(crate) struct Runtime(Option<Path>);

impl Runtime {
    pub(crate) fn renamed(path: Path) -> Self {
        Self(Some(path))
    }

    /// The door with every token on `span`, so that a type error in what goes through it underlines
    /// the user's own tokens and not the whole attribute.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        let Some(path) = &self.0 else {
            return quote_spanned! {span=> ::ereo_runtime::__private };
        };
        let path = path.to_token_stream().into_iter().map(|mut token| {
            // Only the place moves: the path goes on to mean what it means where the user wrote it.
            token.set_span(token.span().located_at(span));
            token
        });
        let path: TokenStream = path.collect();
        quote_spanned! {span=> #path::__private }
    }
}

impl ToTokens for Runtime {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            None => tokens.extend(quote! { ::ereo_runtime::__private }),
            Some(path) => tokens.extend(quote! { #path::__private }),
        }
    }
}

/// A local variable of generated code. It cannot meet a name of the user's, wherever the tokens
/// around it point to.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
