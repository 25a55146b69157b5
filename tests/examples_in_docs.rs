//! Every item at the root of the crate has an example, which the doctests run: newcomers read those first.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::{Attribute, Expr, Item, Lit, Meta, UseTree, Visibility};

#[test]
fn every_item_at_the_root_has_an_example() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ereo-runtime/src");
    let mut documented = BTreeMap::new();
    collect(&source, &mut documented);
    let mut exported = Vec::new();
    for item in parse(&source.join("lib.rs")).items {
        if let Item::Use(it) = item
            && matches!(it.vis, Visibility::Public(_))
            && !docs(&it.attrs).contains("hidden")
        {
            leaves(&it.tree, &mut exported);
        }
    }
    assert!(exported.len() > 40, "the root is read: {exported:?}");
    // The documentation of these stands in their own crates.
    let elsewhere = ["JsonSchema", "loader", "sse", "websocket"];
    let without: Vec<_> = exported
        .iter()
        .filter(|name| !elsewhere.contains(&name.as_str()))
        .filter(|name| !documented.get(*name).is_some_and(|docs| docs.contains("```")))
        .collect();
    assert!(without.is_empty(), "give each an example that a newcomer can copy: {without:?}");
}

fn parse(file: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The documentation of all public items below, by name.
fn collect(folder: &Path, documented: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, documented);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            for item in parse(&path).items {
                let (vis, name, attrs) = match item {
                    // A module's page shows its items.
                    Item::Mod(it) => (it.vis, it.ident, vec![syn::parse_quote!(#[doc = "```"])]),
                    Item::Struct(it) => (it.vis, it.ident, it.attrs),
                    Item::Enum(it) => (it.vis, it.ident, it.attrs),
                    Item::Trait(it) => (it.vis, it.ident, it.attrs),
                    Item::Type(it) => (it.vis, it.ident, it.attrs),
                    Item::Fn(it) => (it.vis, it.sig.ident, it.attrs),
                    _ => continue,
                };
                if matches!(vis, Visibility::Public(_)) {
                    documented.entry(name.to_string()).or_default().push_str(&docs(&attrs));
                }
            }
        }
    }
}

/// What `///` and `#[doc(hidden)]` say.
fn docs(attrs: &[Attribute]) -> String {
    let said = attrs.iter().filter(|it| it.path().is_ident("doc")).map(|it| match &it.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => text.value(),
            _ => String::new(),
        },
        Meta::List(list) => list.tokens.to_string(),
        Meta::Path(_) => String::new(),
    });
    said.collect::<Vec<_>>().join("\n")
}

fn leaves(tree: &UseTree, names: &mut Vec<String>) {
    match tree {
        UseTree::Path(it) => leaves(&it.tree, names),
        UseTree::Group(it) => it.items.iter().for_each(|tree| leaves(tree, names)),
        UseTree::Name(it) => names.push(it.ident.to_string()),
        UseTree::Rename(it) => names.push(it.rename.to_string()),
        UseTree::Glob(_) => {}
    }
}
