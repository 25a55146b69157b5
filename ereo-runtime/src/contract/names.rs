//! Names of types in a contract: as in Rust, and where two are called the same, with the modules
//! that they stand in. It does not depend on the order in which types are asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A type to be named.
#[derive(Debug)]
pub(super) struct Named {
    /// What tells it from every other one.
    identity: String,
    /// As it is called where no other one is called so.
    label: String,
    /// Its own module and name.
    own: Option<Place>,
    /// The modules and names of what it is generic over.
    parameters: Vec<Place>,
}

/// A type within a module.
#[derive(Debug)]
struct Place {
    modules: Vec<String>,
    name: String,
}

impl Named {
    /// A definition by the key that schemars gave it, with what our derive knows of the type.
    pub(super) fn new(key: &str, identity: Option<&Value>) -> Self {
        let foreign = || Self {
            identity: key.to_owned(),
            label: key.to_owned(),
            own: None,
            parameters: Vec::new(),
        };
        let Some(identity) = identity else { return foreign() };
        let text = |name: &str| identity.get(name).and_then(Value::as_str);
        let (Some(id), Some(label), Some(module), Some(name)) =
            (text("id"), text("label"), text("module"), text("name"))
        else {
            return foreign();
        };
        let parameters = identity.get("parameters").and_then(Value::as_array);
        let parameters = parameters.into_iter().flatten().filter_map(Value::as_str);
        Self {
            identity: id.to_owned(),
            label: label.to_owned(),
            own: Some(Place::of(&format!("{module}::{name}"))),
            parameters: parameters.flat_map(places).collect(),
        }
    }

    /// The name with more and more of the modules: of what it is generic over, then of its own.
    fn candidate(&self, level: usize) -> String {
        let depth = level.div_ceil(2);
        let mut name = self.label.clone();
        if depth > 0 {
            for place in &self.parameters {
                let longer = place.with(depth);
                name = replace_word(&name, &place.name, &longer);
            }
            if (level.is_multiple_of(2) || self.parameters.is_empty())
                && let Some(own) = &self.own
                && let Some(rest) = name.strip_prefix(&own.name)
            {
                name = format!("{}{rest}", own.with(depth));
            }
        }
        identifier(&name)
    }
}

impl Place {
    fn of(path: &str) -> Self {
        let mut modules: Vec<_> = path.split("::").map(str::to_owned).collect();
        let name = modules.pop().unwrap_or_default();
        Self { modules, name }
    }

    /// The name behind its last `depth` modules.
    fn with(&self, depth: usize) -> String {
        let from = self.modules.len().saturating_sub(depth);
        let modules = self.modules[from..].iter().map(|module| pascal(module));
        modules.chain([self.name.clone()]).collect()
    }
}

/// The paths in an identity such as `[app::feed::Line]`.
fn places(identity: &str) -> Vec<Place> {
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = identity.split(|c: char| !is_of_path(c));
    words.filter(|word| word.contains("::")).map(Place::of).collect()
}

/// Replaces the first word of that name; words are parted by underscores.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut done = false;
    let words = text.split('_').map(|found| {
        if !done && found == word {
            done = true;
            return by;
        }
        found
    });
    words.collect::<Vec<_>>().join("_")
}

fn pascal(module: &str) -> String {
    let words = module.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    });
    words.flatten().collect()
}

/// A name that TypeScript and AsyncAPI take.
fn identifier(name: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    let name: String = name.chars().map(legal).collect();
    match name.chars().next() {
        None => "_".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) => name,
    }
}

/// Words that are no names of types in TypeScript, or names that the file uses itself.
const RESERVED: [&str; 45] = [
    "Routes",
    "Tree",
    "EreoContract",
    "ArrayBuffer",
    "any",
    "bigint",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "never",
    "new",
    "null",
    "number",
    "object",
    "return",
    "string",
    "super",
    "switch",
    "symbol",
    "this",
    "true",
    "typeof",
    "undefined",
    "unknown",
    "void",
];

/// The most modules that a name is told apart by, twice.
const LONGEST: usize = 16;

/// The names, one a type: equal ones for one identity, and for no two.
pub(super) fn names(types: &[Named]) -> Vec<String> {
    let mut levels: BTreeMap<&str, (usize, &Named)> =
        types.iter().map(|named| (&*named.identity, (0, named))).collect();
    loop {
        let mut called: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (identity, (level, named)) in &levels {
            called.entry(named.candidate(*level)).or_default().push(identity);
        }
        let clashes = called
            .iter()
            .filter(|(name, identities)| identities.len() > 1 || RESERVED.contains(&name.as_str()));
        let clashes: BTreeSet<_> = clashes.flat_map(|(_, identities)| identities.clone()).collect();
        let mut grown = false;
        for identity in clashes {
            if let Some((level, named)) = levels.get_mut(identity)
                && *level < LONGEST
                && named.own.is_some()
            {
                *level += 1;
                grown = true;
            }
        }
        if !grown {
            return numbered(types, &levels);
        }
    }
}

/// What no module tells apart is numbered, in the order of the identities.
fn numbered(types: &[Named], levels: &BTreeMap<&str, (usize, &Named)>) -> Vec<String> {
    let mut used: BTreeSet<String> = RESERVED.iter().map(|&word| word.to_owned()).collect();
    let mut final_names = BTreeMap::new();
    for (identity, (level, named)) in levels {
        let name = named.candidate(*level);
        let mut other = name.clone();
        let mut number = 2;
        while !used.insert(other.clone()) {
            other = format!("{name}{number}");
            number += 1;
        }
        final_names.insert(*identity, other);
    }
    types.iter().map(|named| final_names[&*named.identity].clone()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(module: &str, name: &str, parameters: &[(&str, &str)]) -> Named {
        let labels: Vec<_> = parameters.iter().map(|(label, _)| *label).collect();
        let identities: Vec<_> = parameters.iter().map(|(_, identity)| *identity).collect();
        let label = match labels.as_slice() {
            [] => name.to_owned(),
            labels => format!("{name}_of_{}", labels.join("_and_")),
        };
        let id = format!("{module}::{name}<{}>@src/lib.rs:1:1", identities.join(", "));
        let identity = json!({ "id": id, "label": label, "module": module, "name": name, "parameters": identities });
        Named::new("whatever", Some(&identity))
    }

    #[test]
    fn a_type_alone_is_called_as_in_rust() {
        let types =
            [named("app::feed", "Line", &[]), named("app", "Page", &[("Line", "app::feed::Line")])];
        assert_eq!(names(&types), ["Line", "Page_of_Line"]);
    }

    #[test]
    fn two_of_one_name_are_called_by_their_modules_in_whatever_order() {
        let types = || vec![named("app::chat", "Feed", &[]), named("app::orders", "Feed", &[])];
        assert_eq!(names(&types()), ["ChatFeed", "OrdersFeed"]);
        let mut other = types();
        other.reverse();
        assert_eq!(names(&other), ["OrdersFeed", "ChatFeed"]);
        let deeper = [named("a::x::feed", "F", &[]), named("a::y::feed", "F", &[])];
        assert_eq!(names(&deeper), ["XFeedF", "YFeedF"]);
    }

    #[test]
    fn generic_ones_are_told_apart_by_what_they_are_of() {
        let of = |module: &str| {
            named("app", "Page", &[("Array_of_Feed", &format!("[{module}::Feed<>@src/a.rs:1:2]"))])
        };
        let types = [of("app::chat"), of("app::orders")];
        assert_eq!(names(&types), ["Page_of_Array_of_ChatFeed", "Page_of_Array_of_OrdersFeed"]);
    }

    #[test]
    fn words_of_typescript_are_no_names_of_types() {
        let types =
            [named("app", "Routes", &[]), Named::new("string", None), Named::new("7 é", None)];
        assert_eq!(names(&types), ["AppRoutes", "string2", "_7__"]);
    }

    #[test]
    fn what_stands_in_two_functions_of_a_module_is_numbered_by_its_place() {
        let at = |line: u8| {
            let id = format!("app::Feed<>@src/lib.rs:{line}:1");
            let identity = json!({ "id": id, "label": "Feed", "module": "app", "name": "Feed", "parameters": [] });
            Named::new("Feed", Some(&identity))
        };
        assert_eq!(names(&[at(9), at(3)]), ["AppFeed2", "AppFeed"]);
    }
}
