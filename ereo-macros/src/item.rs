//! The annotated item: a function's signature. Its body is not read, so an editor's half-typed one expands as well.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, GenericParam, Meta, Pat, ReturnType, Safety, Signature, Token, Type,
    Visibility, parse_quote,
};

use crate::diagnostics::Errors;

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
        let is_function = input.fork().parse::<Signature>().is_ok();
        if !is_function && !starts_a_function(input) {
            let message = "expected an `async fn`\nhelp: write the attribute above the function that answers the route";
            return Err(input.error(message));
        }
        let signature = input.parse()?;
        // The body, whatever it is.
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, visibility, signature })
    }
}

fn starts_a_function(input: ParseStream<'_>) -> bool {
    let qualified =
        input.peek(Token![async]) || input.peek(Token![unsafe]) || input.peek(Token![extern]);
    input.peek(Token![fn])
        || (qualified && !input.peek2(Token![impl]) && !input.peek2(Token![trait]))
}

impl Function {
    /// Every mistake of the signature that no type tells of, in the order of the source. `returns` says what a
    /// function of this kind gives back.
    pub(crate) fn check(&self, returns: &str, errors: &mut Errors) {
        let Signature {
            asyncness,
            safety,
            abi,
            fn_token,
            ident,
            generics,
            inputs,
            variadic,
            output,
            ..
        } = &self.signature;
        if let Safety::Unsafe(token) = safety {
            errors.on(token, "a route's function cannot be `unsafe`: the generated code could not call it\nhelp: remove `unsafe` and keep the unsafe part inside");
        }
        if let Some(abi) = abi {
            errors.on(abi, "a route's function cannot be `extern`: only the server calls it\nhelp: remove the ABI");
        }
        if asyncness.is_none() {
            errors.on(fn_token, format!("expected an `async fn`\nhelp: write `async fn {ident}`"));
        }
        for parameter in &generics.params {
            check_generic(parameter, errors);
        }
        for argument in inputs {
            check_argument(argument, errors);
        }
        if let Some(variadic) = variadic {
            errors.on(variadic, "a route's function cannot be variadic\nhelp: give each argument its own name and type");
        }
        if matches!(output, ReturnType::Default) {
            errors.on(ident, format!("`{ident}` returns nothing\nhelp: let it return {returns}"));
        }
    }

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
        let generic = |argument: &FnArg| matches!(argument, FnArg::Typed(argument) if is_opaque(&argument.ty));
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

    /// What decides whether the function is there at all, and so must decide it for everything generated beside it.
    pub(crate) fn conditions(&self) -> Vec<Attribute> {
        self.attributes.iter().filter_map(condition).collect()
    }
}

/// The part of an attribute that is a condition. Of a `cfg_attr` only a `cfg` within is one: its other attributes
/// are meant for the function alone.
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

/// Whether `impl Trait` occurs in the type: such a type has no name to use it by elsewhere.
pub(crate) fn is_opaque(ty: &Type) -> bool {
    fn search(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            proc_macro2::TokenTree::Ident(word) => word == "impl",
            proc_macro2::TokenTree::Group(group) => search(group.stream()),
            _ => false,
        })
    }
    search(ty.to_token_stream())
}

fn plain_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(pattern) if pattern.subpat.is_none() => Some(&pattern.ident),
        _ => None,
    }
}

fn check_generic(parameter: &GenericParam, errors: &mut Errors) {
    let (kind, name, mend) = match parameter {
        GenericParam::Type(parameter) => {
            ("type", parameter.ident.to_token_stream(), "name the type")
        }
        GenericParam::Const(parameter) => {
            ("const", parameter.ident.to_token_stream(), "write the value")
        }
        GenericParam::Lifetime(parameter) => (
            "lifetime",
            parameter.lifetime.to_token_stream(),
            "take owned values: a request outlives no response",
        ),
    };
    let message = format!(
        "a route's function cannot be generic: a request says nothing of the {kind} parameter `{name}`\nhelp: {mend}"
    );
    errors.on(name, message);
}

fn check_argument(argument: &FnArg, errors: &mut Errors) {
    match argument {
        FnArg::Receiver(receiver) => {
            errors.on(receiver, "a route's function has no `self`\nhelp: move it out of the `impl` and take state by an argument `state: Data<T>`");
        }
        FnArg::Typed(argument) if is_opaque(&argument.ty) => {
            errors.on(&argument.ty, "an argument of `impl Trait` makes the function generic, and a request does not say of which type\nhelp: name the type");
        }
        FnArg::Typed(_) => {}
    }
}
