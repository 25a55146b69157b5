//! The keys of `#[sse]`.

use super::{Key, Keys, Value};
use crate::model::Sse;

impl Keys for Sse {
    const ATTRIBUTE: &'static str = "sse";
    const KEYS: &'static [Key] =
        &[Key { name: "retry", example: "\"2s\"" }, Key { name: "heartbeat", example: "\"15s\"" }];

    fn set(&mut self, key: &str, value: &Value) -> syn::Result<()> {
        match key {
            "retry" => self.retry = Some(value.milliseconds("\"2s\"")?),
            _ => self.heartbeat = Some(value.timer("\"15s\"")?),
        }
        Ok(())
    }
}
