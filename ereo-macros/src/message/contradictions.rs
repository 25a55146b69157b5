//! Attributes of serde that are right each by itself, and refused together or for this type.

use syn::{Data, DeriveInput, Field, Fields};

use super::keys::Keys;
use super::tagging::Tagging;

/// Whether there are some.
pub(super) fn has(input: &DeriveInput) -> bool {
    let keys = Keys::of(&input.attrs);
    let [tag, content, untagged, transparent] =
        ["tag", "content", "untagged", "transparent"].map(|key| keys.get(key).is_some());
    let taggings = (content && !tag) || (untagged && tag);
    let of_data = match &input.data {
        Data::Struct(data) => {
            let is_named = matches!(data.fields, Fields::Named(_));
            untagged
                || content
                || (tag && !is_named)
                || (transparent && written(&data.fields).count() != 1)
                || is_flattened_tuple(&data.fields)
        }
        Data::Enum(data) => {
            let tagging = Tagging::of(&input.attrs);
            let fields = data.variants.iter().map(|variant| &variant.fields);
            transparent
                || matches!(&tagging, Tagging::Adjacent { tag, content } if tag == content)
                || fields.into_iter().any(|fields| {
                    is_flattened_tuple(fields)
                        || matches!(&tagging, Tagging::Internal { tag } if conflicts(fields, tag))
                })
        }
        Data::Union(_) => false,
    };
    taggings || of_data
}

/// The fields that serde writes.
fn written(fields: &Fields) -> impl Iterator<Item = &Field> {
    let is_skipped = |field: &&Field| {
        let keys = Keys::of(&field.attrs);
        keys.get("skip").is_some() || keys.get("skip_serializing").is_some()
    };
    fields.iter().filter(move |field| !is_skipped(field))
}

fn is_flattened_tuple(fields: &Fields) -> bool {
    matches!(fields, Fields::Unnamed(_))
        && fields.iter().any(|field| Keys::of(&field.attrs).get("flatten").is_some())
}

/// Whether a variant has no place for the tag that stands among its fields, or a field of that name.
fn conflicts(fields: &Fields, tag: &str) -> bool {
    match fields {
        Fields::Unnamed(fields) => fields.unnamed.len() != 1,
        Fields::Named(_) => written(fields).any(|field| {
            let renamed = Keys::of(&field.attrs).written("rename").map(|name| name.value());
            let name = field.ident.as_ref().map(ToString::to_string);
            renamed.or(name).is_some_and(|name| name == tag)
        }),
        Fields::Unit => false,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::has;

    #[test]
    fn keys_that_go_together_do_not_contradict() {
        assert!(!has(&parse_quote! { #[serde(tag = "t")] enum Feed { A(u8), B { b: u8 }, C } }));
        assert!(!has(&parse_quote! { #[serde(tag = "t", content = "c")] enum Feed { A(u8, u8) } }));
        assert!(!has(&parse_quote! { #[serde(tag = "t")] struct Feed { a: u8 } }));
        assert!(!has(
            &parse_quote! { #[serde(transparent)] struct Feed { a: u8, #[serde(skip)] b: u8 } }
        ));
        assert!(!has(&parse_quote! { struct Feed { #[serde(flatten)] a: Other } }));
    }

    #[test]
    fn contradictions_are_recognised() {
        assert!(has(&parse_quote! { #[serde(tag = "t")] enum Feed { A(u8, u8) } }));
        assert!(has(&parse_quote! { #[serde(tag = "t")] enum Feed { A { t: u8 } } }));
        assert!(has(&parse_quote! { #[serde(tag = "t", content = "t")] enum Feed { A } }));
        assert!(has(&parse_quote! { #[serde(content = "t")] enum Feed { A } }));
        assert!(has(&parse_quote! { #[serde(untagged, tag = "t")] enum Feed { A } }));
        assert!(has(&parse_quote! { #[serde(untagged)] struct Feed { a: u8 } }));
        assert!(has(&parse_quote! { #[serde(tag = "t")] struct Feed(u8); }));
        assert!(has(&parse_quote! { #[serde(transparent)] struct Feed { a: u8, b: u8 } }));
        assert!(has(&parse_quote! { struct Feed(#[serde(flatten)] Other); }));
    }
}
