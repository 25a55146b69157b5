//! Names, literals and comments as a file of TypeScript has them.

use serde_json::Value;

/// A type behind a colon or an equals sign: with a space, unless it begins a line of its own.
pub(super) fn spaced(ty: &str) -> String {
    if ty.starts_with('\n') { ty.to_owned() } else { format!(" {ty}") }
}

/// A name as a property's key.
pub(super) fn property(name: &str) -> String {
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '$');
    if starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$') {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}

/// What is said of a type beside it.
pub(super) fn doc(schema: &Value) -> String {
    let mut lines = Vec::new();
    lines.extend(schema.get("description").and_then(Value::as_str).map(str::to_owned));
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if matches!(format, "int64" | "uint64" | "int128" | "uint128") {
        let bits = format.trim_start_matches(|c: char| !c.is_ascii_digit());
        lines.push(format!(
            "{bits} bits: beyond 2^53 `JSON.parse` gives the nearest number that it has."
        ));
    }
    if schema.get("deprecated") == Some(&Value::Bool(true)) {
        lines.push("@deprecated".to_owned());
    }
    lines.join("\n\n")
}

/// A comment above a line, or nothing.
pub(super) fn comment(doc: &str, depth: usize) -> String {
    if doc.is_empty() {
        return String::new();
    }
    let indent = "  ".repeat(depth);
    let doc = doc.replace("*/", "*\\/").replace('\r', "");
    if !doc.contains('\n') {
        return format!("{indent}/** {doc} */\n");
    }
    let lines = doc.lines().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n");
    format!("{indent}/**\n{}{indent} */\n", lines.collect::<String>())
}
