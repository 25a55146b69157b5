//! The form in which serde writes an enum, from the `#[serde(..)]` attributes above it.

use syn::Attribute;

use super::keys::{Keys, is_untagged};

/// Where the name and the content of a variant are.
#[derive(Debug, PartialEq)]
pub(super) enum Tagging {
    External,
    Internal { tag: String },
    Adjacent { tag: String, content: String },
    Untagged,
}

impl Tagging {
    /// Attributes that contradict each other, or that are none of serde's, are serde's to report.
    pub(super) fn of(attributes: &[Attribute]) -> Self {
        if is_untagged(attributes) {
            return Self::Untagged;
        }
        let text = |key| Keys::of(attributes).text(key).map(|text| text.value());
        match (text("tag"), text("content")) {
            (Some(tag), Some(content)) => Self::Adjacent { tag, content },
            (Some(tag), None) => Self::Internal { tag },
            (None, _) => Self::External,
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::{DeriveInput, parse_quote};

    use super::Tagging;

    fn tagging(input: DeriveInput) -> Tagging {
        Tagging::of(&input.attrs)
    }

    #[test]
    fn an_enum_is_tagged_from_outside_unless_told_otherwise() {
        assert_eq!(tagging(parse_quote! { enum Feed {} }), Tagging::External);
        let renamed = parse_quote! { #[serde(rename_all(serialize = "snake_case"), crate = "x")] enum Feed {} };
        assert_eq!(tagging(renamed), Tagging::External);
    }

    #[test]
    fn tag_and_content_may_stand_in_several_attributes() {
        let tag = || "t".to_owned();
        let internal = parse_quote! { #[serde(rename_all = "snake_case", tag = "t")] enum Feed {} };
        assert_eq!(tagging(internal), Tagging::Internal { tag: tag() });
        let adjacent =
            parse_quote! { #[serde(content = "c")] #[doc = "x"] #[serde(tag = "t")] enum Feed {} };
        assert_eq!(tagging(adjacent), Tagging::Adjacent { tag: tag(), content: "c".to_owned() });
    }

    #[test]
    fn untagged_is_recognised() {
        assert_eq!(tagging(parse_quote! { #[serde(untagged)] enum Feed {} }), Tagging::Untagged);
    }
}
