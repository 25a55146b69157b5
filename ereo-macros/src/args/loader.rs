//! The keys of `#[loader]`.

use super::{Key, Keys, Value};
use crate::model::Loader;

impl Keys for Loader {
    const ATTRIBUTE: &'static str = "loader";
    const KEYS: &'static [Key] =
        &[Key { name: "live", example: "stats_stream" }, Key { name: "cache", example: "\"60s\"" }];

    fn set(&mut self, key: &str, value: &Value) -> syn::Result<()> {
        match key {
            "live" => self.live = Some(value.path("stats_stream")?),
            _ => self.cache = Some(value.milliseconds("\"60s\"")?),
        }
        Ok(())
    }
}
