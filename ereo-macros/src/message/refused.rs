//! Whether serde's derive refuses a type for an attribute above it. serde tells why; that the type then
//! does not serialize is no second mistake.
//!
//! Known are `#[serde(..)]` that does not parse, a key that serde has not or has elsewhere, one that stands there
//! twice, a value of another kind, and the contradictions of `contradictions`.
//! What else serde refuses is told twice; and a type that serde does not refuse after all is as any
//! other, since the runtime looks whether it serializes.

use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, ExprPath, Fields, Meta, Token};

use super::contradictions;
use super::keys::literal;

/// serde's keys, their values, and where each may stand: above a type, a variant or a field.
const KEYS: [(&str, Value, &str); 30] = [
    ("rename", Value::TextOrList, "tvf"),
    ("rename_all", Value::TextOrList, "tv"),
    ("rename_all_fields", Value::TextOrList, "t"),
    ("deny_unknown_fields", Value::None, "t"),
    ("tag", Value::Text, "t"),
    ("content", Value::Text, "t"),
    ("untagged", Value::None, "tv"),
    ("bound", Value::TextOrList, "tvf"),
    ("default", Value::Any, "tf"),
    ("remote", Value::Text, "t"),
    ("transparent", Value::None, "t"),
    ("from", Value::Text, "t"),
    ("try_from", Value::Text, "t"),
    ("into", Value::Text, "t"),
    ("crate", Value::Text, "t"),
    ("expecting", Value::Text, "t"),
    ("variant_identifier", Value::None, "t"),
    ("field_identifier", Value::None, "t"),
    ("alias", Value::Text, "vf"),
    ("skip", Value::None, "vf"),
    ("skip_serializing", Value::None, "vf"),
    ("skip_deserializing", Value::None, "vf"),
    ("skip_serializing_if", Value::Path, "f"),
    ("serialize_with", Value::Path, "vf"),
    ("deserialize_with", Value::Path, "vf"),
    ("with", Value::Path, "vf"),
    ("other", Value::None, "v"),
    ("flatten", Value::None, "f"),
    ("borrow", Value::Any, "vf"),
    ("getter", Value::Path, "f"),
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
    /// The path of a function, as a text.
    Path,
    TextOrList,
    Any,
}

pub(super) fn by_serde(input: &DeriveInput) -> bool {
    let fields_of = |fields: &Fields| fields.iter().any(|field| has_refused(&field.attrs, 'f'));
    has_refused(&input.attrs, 't')
        || contradictions::has(input)
        || match &input.data {
            Data::Struct(data) => fields_of(&data.fields),
            Data::Enum(data) => data
                .variants
                .iter()
                .any(|variant| has_refused(&variant.attrs, 'v') || fields_of(&variant.fields)),
            Data::Union(_) => false,
        }
}

fn has_refused(attributes: &[Attribute], place: char) -> bool {
    let mut seen = Vec::new();
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).any(|attribute| {
        let keys = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        let Ok(keys) = keys else { return true };
        keys.iter().any(|key| {
            let name = key.path().get_ident().map(ToString::to_string).unwrap_or_default();
            let is_repeated = name != "alias" && seen.contains(&name);
            seen.push(name);
            is_repeated || is_refused(key, place)
        })
    })
}

fn is_refused(key: &Meta, place: char) -> bool {
    let known =
        KEYS.iter().find(|(name, _, places)| key.path().is_ident(name) && places.contains(place));
    let Some((name, value, _)) = known else {
        return true;
    };
    match (key, value) {
        (_, Value::Any) => false,
        (Meta::Path(_), value) => !matches!(value, Value::None),
        (Meta::List(_), value) => !matches!(value, Value::TextOrList),
        (Meta::NameValue(_), Value::None) => true,
        (Meta::NameValue(pair), value) => literal(&pair.value).is_none_or(|text| match value {
            Value::Path => text.parse::<ExprPath>().is_err(),
            _ => name.starts_with("rename_all") && !RULES.contains(&text.value().as_str()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use syn::{Attribute, parse_quote};

    use super::{by_serde, has_refused};

    fn is_refused(attribute: Attribute) -> bool {
        has_refused(&[attribute], 't')
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
        assert!(!is_refused(parse_quote! { #[serde(tag = "type", content = "c")] }));
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
        assert!(is_refused(parse_quote! { #[serde(flatten)] }));
        assert!(is_refused(parse_quote! { #[serde(rename = "a", rename = "b")] }));
        assert!(by_serde(&parse_quote! { struct Feed { #[serde(with = "not a path")] a: u8 } }));
    }
}
