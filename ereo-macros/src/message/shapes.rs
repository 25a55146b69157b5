//! What serde's derive takes, and JSON cannot hold: each send would fail.
//!
//! A macro sees how types are spelled. Those of the standard library are known; a type of the user's own may
//! still be none of these, and then fails when it is sent.

use proc_macro2::Ident;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericArgument, PathArguments, PathSegment, Type,
    Variant,
};

use super::keys::{Keys, is_untagged};
use super::tagging::Tagging;
use crate::diagnostics::Errors;

/// Whoever writes the value or leaves it out by these keys knows what becomes of it.
const BY_HAND: [&str; 4] = ["with", "serialize_with", "skip", "skip_serializing"];

pub(super) fn check(input: &DeriveInput, errors: &mut Errors) {
    if is_by_hand(&input.attrs, &["into", "remote", "from", "try_from"]) {
        return;
    }
    match &input.data {
        Data::Struct(data) => fields(&data.fields, errors),
        Data::Enum(data) => {
            let tagging = Tagging::of(&input.attrs);
            for variant in data.variants.iter().filter(|variant| !is_by_hand(&variant.attrs, &[])) {
                if let Tagging::Internal { tag } = &tagging {
                    tagged(tag, variant, errors);
                }
                fields(&variant.fields, errors);
            }
        }
        Data::Union(_) => {}
    }
}

fn is_by_hand(attributes: &[Attribute], further: &[&str]) -> bool {
    let keys = Keys::of(attributes);
    BY_HAND.iter().chain(further).any(|key| keys.get(key).is_some())
}

/// The tag stands in a map beside the content's own fields.
fn tagged(tag: &str, variant: &Variant, errors: &mut Errors) {
    let Fields::Unnamed(content) = &variant.fields else { return };
    let Some(field) = content.unnamed.first().filter(|_| content.unnamed.len() == 1) else {
        return;
    };
    if is_untagged(&variant.attrs) || is_by_hand(&field.attrs, &[]) {
        return;
    }
    if let Some(what) = no_map(&field.ty, true) {
        let name = &variant.ident;
        let message = format!(
            "the tag `{tag}` stands beside the fields of `{name}`, and {what} has none\n\
             help: add `content = \"..\"` beside `tag`, or give it a name: `{name} {{ value: .. }}`"
        );
        errors.on(&field.ty, message);
    }
}

fn fields(fields: &Fields, errors: &mut Errors) {
    // serde refuses `flatten` in a tuple.
    let is_tuple = matches!(fields, Fields::Unnamed(_));
    for field in fields.iter().filter(|field| !is_by_hand(&field.attrs, &[])) {
        if !is_tuple && Keys::of(&field.attrs).get("flatten").is_some() {
            flattened(field, errors);
        }
        keys_of_maps(&field.ty, errors);
    }
}

fn flattened(field: &Field, errors: &mut Errors) {
    if let Some(what) = no_map(&field.ty, false) {
        let message = format!(
            "`flatten` puts a value's fields among those around it, and {what} has none\n\
             help: remove `flatten`"
        );
        errors.on(&field.ty, message);
    }
}

/// What the type is, if it is one that serde writes as no map.
fn no_map(ty: &Type, option: bool) -> Option<&'static str> {
    match ty {
        Type::Array(_) | Type::Slice(_) => Some("a list"),
        Type::Tuple(tuple) if !tuple.elems.is_empty() => Some("a tuple"),
        Type::Reference(reference) => no_map(&reference.elem, option),
        Type::Group(group) => no_map(&group.elem, option),
        Type::Paren(paren) => no_map(&paren.elem, option),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let inner = || arguments(last).next().and_then(|inner| no_map(inner, option));
            match (last.ident.to_string().as_str(), path.path.segments.len()) {
                (
                    "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64"
                    | "i128" | "isize" | "f32" | "f64",
                    1,
                ) => Some("a number"),
                ("bool", 1) => Some("a `bool`"),
                ("char" | "str", 1) | ("String", _) => Some("a text"),
                ("Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "LinkedList" | "BinaryHeap", _)
                    if has_arguments(last) =>
                {
                    Some("a list")
                }
                ("Option", _) if option && has_arguments(last) => Some("an `Option`"),
                ("Box" | "Rc" | "Arc" | "Cow", _) => inner(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The keys of a JSON object are texts; serde_json writes numbers, `bool`s and `char`s as such.
fn keys_of_maps(ty: &Type, errors: &mut Errors) {
    let (last, inner): (Option<&Ident>, Vec<&Type>) = match ty {
        Type::Array(array) => (None, vec![&array.elem]),
        Type::Slice(slice) => (None, vec![&slice.elem]),
        Type::Reference(reference) => (None, vec![&reference.elem]),
        Type::Group(group) => (None, vec![&group.elem]),
        Type::Paren(paren) => (None, vec![&paren.elem]),
        Type::Tuple(tuple) => (None, tuple.elems.iter().collect()),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return };
            (Some(&last.ident), arguments(last).collect())
        }
        _ => return,
    };
    let is_map = last.is_some_and(|name| name == "HashMap" || name == "BTreeMap");
    if is_map
        && let [key, _, ..] = inner[..]
        && let Some(what) = no_key(key)
    {
        let message = format!(
            "the keys of a JSON object are texts, and {what} is none\n\
             help: write a list of pairs, `Vec<(K, V)>`, or a key that is a text, a number or an enum without content"
        );
        errors.on(key, message);
    }
    inner.into_iter().for_each(|inner| keys_of_maps(inner, errors));
}

fn no_key(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Array(_) | Type::Slice(_) => Some("a list"),
        Type::Tuple(_) => Some("a tuple"),
        Type::Reference(reference) => no_key(&reference.elem),
        Type::Group(group) => no_key(&group.elem),
        Type::Paren(paren) => no_key(&paren.elem),
        Type::Path(path) => {
            let last = path.path.segments.last().filter(|last| has_arguments(last))?;
            match last.ident.to_string().as_str() {
                "Vec" | "VecDeque" | "HashSet" | "BTreeSet" => Some("a list"),
                "HashMap" | "BTreeMap" => Some("a map"),
                "Box" | "Rc" | "Arc" | "Cow" => arguments(last).next().and_then(no_key),
                _ => None,
            }
        }
        _ => None,
    }
}

fn has_arguments(segment: &PathSegment) -> bool {
    matches!(segment.arguments, PathArguments::AngleBracketed(_))
}

/// The types between `<` and `>`.
fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
