//! The keys of `#[loader]`.

use super::{ALONE, Key, Keys, Value};
use crate::diagnostics::Errors;
use crate::model::Loader;

impl Keys for Loader {
    const ATTRIBUTE: &'static str = "loader";
    const KEYS: &'static [Key] = &[
        Key { name: "live", example: "stats_stream" },
        Key { name: "changes", example: ALONE },
        Key { name: "cache", example: "\"60s\"" },
    ];

    fn set(&mut self, key: &str, value: &Value) -> syn::Result<()> {
        match key {
            "live" => self.live = Some(value.path("stats_stream")?),
            "changes" => self.changes = true,
            _ => self.cache = Some(cache(value)?),
        }
        Ok(())
    }

    fn together(&self, values: &[&Value], errors: &mut Errors) {
        let has_live = values.iter().any(|value| value.name() == "live");
        if let Some(changes) = values.iter().find(|value| value.name() == "changes")
            && !has_live
        {
            errors.on(
                &changes.key,
                "`changes` says that a live route sends changes to the data, and there is no live route\n\
                 help: write `live = stats_stream, changes`",
            );
        }
    }
}

/// `max-age` has no smaller unit than a second.
fn cache(value: &Value) -> syn::Result<u64> {
    let milliseconds = value.milliseconds("\"60s\"")?;
    if milliseconds % 1_000 != 0 {
        let seconds = milliseconds.div_ceil(1_000);
        return Err(value.error(format!(
            "`cache` is told to clients in whole seconds\nhelp: write `cache = \"{seconds}s\"`"
        )));
    }
    Ok(milliseconds)
}
