//! The annotated `impl` block: the signatures of its functions. Bodies and other members are not
//! read.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Signature, Token, Type, WhereClause, braced};

use super::{Function, conditions};

/// An `impl` block as it was written, checked or not.
pub(crate) struct Block {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) generics: Generics,
    /// The trait of an `impl Trait for Type`.
    pub(crate) implements: Option<Type>,
    pub(crate) owner: Type,
    pub(crate) functions: Vec<Function>,
}

/// Whether the item is meant as an `impl` block, right or wrong.
pub(crate) fn is_block(item: TokenStream) -> bool {
    let begins = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![unsafe]>>()?;
        input.parse::<Token![impl]>()?;
        input.parse::<TokenStream>()
    };
    syn::parse::Parser::parse2(begins, item).is_ok()
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![unsafe]>>()?;
        input.parse::<Token![impl]>()?;
        let generics = input.parse()?;
        let first = input.parse()?;
        let (implements, owner) = match input.parse::<Option<Token![for]>>()? {
            Some(_) => (Some(first), input.parse()?),
            None => (None, first),
        };
        if input.peek(Token![where]) {
            input.parse::<WhereClause>()?;
        }
        let members;
        braced!(members in input);
        members.call(Attribute::parse_inner)?;
        let mut functions = Vec::new();
        while !members.is_empty() {
            functions.extend(member(&members)?);
        }
        Ok(Self { attributes, generics, implements, owner, functions })
    }
}

/// Reads one member; nothing if it is no function.
pub(super) fn member(input: ParseStream<'_>) -> syn::Result<Option<Function>> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let ahead = input.fork();
    let signature = ahead.parse::<Signature>().ok();
    if signature.is_some() {
        input.advance_to(&ahead);
    }
    // A body, or what any other member consists of.
    while !input.is_empty() {
        match input.parse::<TokenTree>()? {
            TokenTree::Punct(end) if end.as_char() == ';' => break,
            TokenTree::Group(body) if body.delimiter() == proc_macro2::Delimiter::Brace => break,
            _ => {}
        }
    }
    Ok(signature.map(|signature| Function { attributes, visibility, signature }))
}

impl Block {
    pub(crate) fn conditions(&self) -> Vec<Attribute> {
        conditions(&self.attributes)
    }

    /// The last word of the type's path, by which the route is called.
    pub(crate) fn name(&self) -> Option<&Ident> {
        fn last(ty: &Type) -> Option<&Ident> {
            match ty {
                Type::Group(group) => last(&group.elem),
                Type::Paren(paren) => last(&paren.elem),
                Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
                _ => None,
            }
        }
        last(&self.owner)
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::parse_quote;

    use super::{Block, is_block};

    #[test]
    fn only_the_functions_are_read_whatever_stands_between_them() {
        let block: Block = parse_quote! {
            #[cfg(all())]
            impl chat::Socket<u8> where u8: Copy {
                const LIMIT: usize = { 1 };
                type Seat = [u8; 4];
                make! { fn inner() {} }
                pub(crate) async fn open(self) -> Result<Self, E> { half typed . }
                fn helper<T>(&self) where T: Copy { fn nested() {} }
                other!();
                async unsafe fn last() {}
            }
        };
        let names: Vec<_> =
            block.functions.iter().map(|function| function.signature.ident.to_string()).collect();
        assert_eq!(names, ["open", "helper", "last"]);
        assert_eq!(block.name().unwrap(), "Socket");
        assert_eq!(block.conditions().len(), 1);
        assert!(block.implements.is_none());
    }

    #[test]
    fn an_impl_is_told_from_other_items() {
        assert!(is_block(quote! { #[doc = ""] unsafe impl X for Y {} }));
        assert!(!is_block(quote! { async fn open() {} }));
        assert!(!is_block(quote! { unsafe fn open() {} }));
    }
}
