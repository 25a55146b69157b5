//! The routes' paths as a tree of their segments, in which a compiler finds a URL's route without a look at
//! all of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::path::Segment;
use super::text::property;

/// Stands for a segment with a parameter in it.
const ANY: &str = "{}";
/// Stands for all that is left.
const REST: &str = "{}*";
/// Where a path ends.
const END: &str = "=";

/// A place in a path.
#[derive(Debug, Default)]
pub(super) struct Tree {
    below: BTreeMap<String, Self>,
    /// The keys of the routes that end here.
    routes: Vec<String>,
}

impl Tree {
    pub(super) fn insert(&mut self, segments: &[Segment], route: &str) {
        let mut place = self;
        for segment in segments {
            let key = match segment {
                Segment::Text(text) => text,
                Segment::Template(_) => ANY,
                Segment::Tail => REST,
            };
            place = place.below.entry(key.to_owned()).or_default();
            if *segment == Segment::Tail {
                break;
            }
        }
        place.routes.push(route.to_owned());
    }

    /// As a type of TypeScript.
    pub(super) fn write(&self, depth: usize) -> String {
        let routes: Vec<_> =
            self.routes.iter().map(|route| Value::from(route.as_str()).to_string()).collect();
        let end = (!routes.is_empty()).then(|| format!("\"{END}\": {}", routes.join(" | ")));
        if self.below.is_empty() {
            return format!("{{ {} }}", end.unwrap_or_default());
        }
        let indent = "  ".repeat(depth + 1);
        let below = self.below.iter();
        let below =
            below.map(|(key, tree)| format!("{}: {}", property(key), tree.write(depth + 1)));
        let lines: String =
            end.into_iter().chain(below).map(|line| format!("{indent}{line};\n")).collect();
        format!("{{\n{lines}{}}}", "  ".repeat(depth))
    }
}
