//! Whether serde's derive refuses a type for an attribute above it. serde tells why; that the type then
//! does not serialize is no second mistake.
//!
//! Known are `#[serde(..)]` that does not parse, a key that serde has not, a value of another kind, and a tag
//! that has no place in a tuple.
//! What else serde refuses is told twice; and a type that serde does not refuse after all is as any
//! other, since the runtime looks whether it serializes.

use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Meta, Token};

use super::keys::literal;
use super::tagging::Tagging;

/// serde's keys above a type, a variant or a field, and their values.
const KEYS: [(&str, Value); 30] = [
    ("rename", Value::TextOrList),
    ("rename_all", Value::TextOrList),
    ("rename_all_fields", Value::TextOrList),
    ("deny_unknown_fields", Value::None),
    ("tag", Value::Text),
    ("content", Value::Text),
    ("untagged", Value::None),
    ("bound", Value::TextOrList),
    ("default", Value::Any),
    ("remote", Value::Text),
    ("transparent", Value::None),
    ("from", Value::Text),
    ("try_from", Value::Text),
    ("into", Value::Text),
    ("crate", Value::Text),
    ("expecting", Value::Text),
    ("variant_identifier", Value::None),
    ("field_identifier", Value::None),
    ("alias", Value::Text),
    ("skip", Value::None),
    ("skip_serializing", Value::None),
    ("skip_deserializing", Value::None),
    ("skip_serializing_if", Value::Text),
    ("serialize_with", Value::Text),
    ("deserialize_with", Value::Text),
    ("with", Value::Text),
    ("other", Value::None),
    ("flatten", Value::None),
    ("borrow", Value::Any),
    ("getter", Value::Text),
];

/// serde's names for how names are written.
const RULES: [&str; 8] = [
    "lowercase",
    "UPPERCASE",
    "PascalCase",
    "camelCase",
    "snake_case",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];

#[derive(Clone, Copy)]
enum Value {
    None,
    Text,
    TextOrList,
    Any,
}

pub(super) fn by_serde(input: &DeriveInput) -> bool {
    let fields_of = |fields: &Fields| fields.iter().any(|field| has_refused(&field.attrs));
    has_refused(&input.attrs)
        || match &input.data {
            Data::Struct(data) => fields_of(&data.fields),
            Data::Enum(data) => {
                let tagging = Tagging::of(&input.attrs);
                data.variants.iter().any(|variant| {
                    has_refused(&variant.attrs)
                        || fields_of(&variant.fields)
                        || matches!(tagging, Tagging::Internal { .. })
                            && matches!(&variant.fields, Fields::Unnamed(fields) if fields.unnamed.len() != 1)
                })
            }
            Data::Union(_) => false,
        }
}

fn has_refused(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).any(|attribute| {
        let keys = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        keys.map_or(true, |keys| keys.iter().any(is_refused))
    })
}

fn is_refused(key: &Meta) -> bool {
    let known = KEYS.iter().find(|(name, _)| key.path().is_ident(name));
    let Some((name, value)) = known else {
        return true;
    };
    match (key, value) {
        (_, Value::Any) => false,
        (Meta::Path(_), value) => !matches!(value, Value::None),
        (Meta::List(_), value) => !matches!(value, Value::TextOrList),
        (Meta::NameValue(_), Value::None) => true,
        (Meta::NameValue(pair), _) => literal(&pair.value).is_none_or(|text| {
            name.starts_with("rename_all") && !RULES.contains(&text.value().as_str())
        }),
    }
}

#[cfg(test)]
mod tests {
    use syn::{Attribute, parse_quote};

    use super::{by_serde, has_refused};

    fn is_refused(attribute: Attribute) -> bool {
        has_refused(&[attribute])
    }

    #[test]
    fn variants_and_fields_count() {
        assert!(by_serde(&parse_quote! { enum Feed { #[serde(renam = "a")] A } }));
        assert!(by_serde(&parse_quote! { struct Feed { #[serde(skip = 1)] a: u8 } }));
        assert!(by_serde(&parse_quote! { #[serde(tag = "t")] enum Feed { A(u8, u8) } }));
        assert!(!by_serde(
            &parse_quote! { #[serde(tag = "t")] enum Feed { A(u8), B { b: u8 }, C } }
        ));
    }

    #[test]
    fn what_serde_understands_is_not_refused() {
        assert!(!is_refused(parse_quote! { #[serde(tag = "type", content = "c", untagged)] }));
        assert!(!is_refused(parse_quote! { #[serde(rename_all(serialize = "snake_case"))] }));
        assert!(!is_refused(parse_quote! { #[serde(default, rename_all = "kebab-case")] }));
        assert!(!is_refused(parse_quote! { #[other(tag)] }));
    }

    #[test]
    fn what_serde_refuses_is_recognised() {
        assert!(is_refused(parse_quote! { #[serde(tag)] }));
        assert!(is_refused(parse_quote! { #[serde(tag = )] }));
        assert!(is_refused(parse_quote! { #[serde(tag = 1)] }));
        assert!(is_refused(parse_quote! { #[serde(tag("type"))] }));
        assert!(is_refused(parse_quote! { #[serde(tagg = "type")] }));
        assert!(is_refused(parse_quote! { #[serde(untagged = "yes")] }));
        assert!(is_refused(parse_quote! { #[serde(rename_all = "snake")] }));
        assert!(is_refused(parse_quote! { #[serde] }));
    }
}
