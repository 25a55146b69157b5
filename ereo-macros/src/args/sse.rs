//! The keys of `#[sse]`.

use super::{Key, Keys, Value};
use crate::diagnostics::nearest;
use crate::model::{OnLag, Sse};

const ON_LAG: &str = "\"skip-to-oldest\"";

impl Keys for Sse {
    const ATTRIBUTE: &'static str = "sse";
    const KEYS: &'static [Key] = &[
        Key { name: "retry", example: "\"2s\"" },
        Key { name: "heartbeat", example: "\"15s\"" },
        Key { name: "on_lag", example: ON_LAG },
        Key { name: "method", example: "\"POST\"" },
    ];

    fn set(&mut self, key: &str, value: &Value) -> syn::Result<()> {
        match key {
            "retry" => self.retry = Some(value.milliseconds("\"2s\"")?),
            "heartbeat" => self.heartbeat = Some(value.timer("\"15s\"")?),
            "method" => self.post = is_post(value)?,
            _ => self.on_lag = Some((value.key.clone(), on_lag(value)?)),
        }
        Ok(())
    }
}

/// Whether the stream is asked for by POST, which has a body; a browser's EventSource asks by GET.
fn is_post(value: &Value) -> syn::Result<bool> {
    const NAMES: [&str; 2] = ["GET", "POST"];
    let meant = value.unquoted().and_then(|word| nearest(&word, NAMES));
    let found = value.string_or(&format!("\"{}\"", meant.unwrap_or("POST")))?.value();
    match found.as_str() {
        "GET" => return Ok(false),
        "POST" => return Ok(true),
        _ => {}
    }
    let mend = match nearest(&found, NAMES) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => "write \"POST\", or leave it out for \"GET\"".to_owned(),
    };
    Err(value
        .error(format!("a stream is asked for by GET or POST, not by \"{found}\"\nhelp: {mend}")))
}

fn on_lag(value: &Value) -> syn::Result<OnLag> {
    const NAMES: [&str; 3] = ["disconnect", "skip-to-oldest", "keep-latest"];
    // `OnLag::KeepLatest`, as it is called in a set's builder; or a value without its quotes.
    let word = value.path("").ok().and_then(|path| Some(path.segments.last()?.ident.to_string()));
    let meant = word.or_else(|| value.unquoted()).and_then(|word| nearest(&word, NAMES));
    let meant = meant.map_or(ON_LAG.to_owned(), |meant| format!("\"{meant}\""));
    let found = value.string_or(&meant)?.value();
    match found.as_str() {
        "disconnect" => return Ok(OnLag::Disconnect),
        "skip-to-oldest" => return Ok(OnLag::SkipToOldest),
        "keep-latest" => return Ok(OnLag::KeepLatest),
        _ => {}
    }
    let mend = match nearest(&found, NAMES) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => "write \"disconnect\", \"skip-to-oldest\" or \"keep-latest\"".to_owned(),
    };
    Err(value.error(format!("`on_lag` knows no \"{found}\"\nhelp: {mend}")))
}
