//! The keys of `#[websocket]`.

use syn::LitStr;

use super::{Key, Keys, Value, origin, subprotocol};
use crate::diagnostics::{Errors, nearest};
use crate::model::{Compression, Timer, WebSocket};

const ORIGINS: &str = "[\"https://app.example\"]";
const PROTOCOLS: &str = "[\"chat.v1\"]";
/// The runtime's default of `idle` (`ereo-runtime`, `websocket/options.rs`), in milliseconds.
const IDLE: u64 = 60_000;
const COMPRESSION: &str = "\"broadcast\"";

impl Keys for WebSocket {
    const ATTRIBUTE: &'static str = "websocket";
    const KEYS: &'static [Key] = &[
        Key { name: "max_message", example: "\"64KiB\"" },
        Key { name: "origins", example: ORIGINS },
        Key { name: "protocols", example: PROTOCOLS },
        Key { name: "ping", example: "\"25s\"" },
        Key { name: "idle", example: "\"60s\"" },
        Key { name: "message_timeout", example: "\"30s\"" },
        Key { name: "compression", example: COMPRESSION },
        Key { name: "compression_threshold", example: "\"256B\"" },
    ];

    fn set(&mut self, key: &str, value: &Value) -> syn::Result<()> {
        match key {
            "max_message" => self.max_message = Some(value.bytes("\"64KiB\"")?),
            "origins" => self.origins = Some(origins(value)?),
            "message_timeout" => self.message_timeout = Some(value.timer("\"30s\"")?),
            "protocols" => self.protocols = Some(protocols(value)?),
            "ping" => self.ping = Some(value.timer("\"25s\"")?),
            "compression" => self.compression = Some(compression(value)?),
            "compression_threshold" => {
                self.compression_threshold = Some(value.bytes("\"256B\"")?);
            }
            _ => self.idle = Some(value.timer("\"60s\"")?),
        }
        // Whichever stands last is underlined.
        if let (Some(Timer::After(ping)), Some(Timer::After(idle))) = (&self.ping, &self.idle)
            && matches!(key, "ping" | "idle")
            && ping >= idle
        {
            return Err(value.error(
                "a silent client is given up before it is sent a ping\n\
                 help: let `ping` be shorter than `idle`",
            ));
        }
        if let (Some(Compression::Off), Some(_)) = (&self.compression, self.compression_threshold)
            && matches!(key, "compression" | "compression_threshold")
        {
            return Err(value.error(
                "nothing is compressed, from no size on\n\
                 help: remove `compression_threshold`, or `compression = \"off\"`",
            ));
        }
        Ok(())
    }

    fn together(&self, values: &[&Value], errors: &mut Errors) {
        let ping = values.iter().find(|value| value.name() == "ping");
        let has_idle = values.iter().any(|value| value.name() == "idle");
        if let (Some(Timer::After(after)), Some(ping)) = (&self.ping, ping)
            && *after >= IDLE
            && !has_idle
        {
            errors.push(ping.error(
                "without `idle` a silent client is given up after 60 s, before it is sent a ping\n\
                 help: let `ping` be shorter, or say `idle` as well",
            ));
        }
    }
}

fn compression(value: &Value) -> syn::Result<Compression> {
    const NAMES: [&str; 3] = ["off", "broadcast", "on"];
    let meant = value.unquoted().and_then(|word| nearest(&word, NAMES));
    let meant = meant.map_or(COMPRESSION.to_owned(), |meant| format!("\"{meant}\""));
    let found = value.string_or(&meant)?.value();
    match found.as_str() {
        "off" => return Ok(Compression::Off),
        "broadcast" => return Ok(Compression::Broadcast),
        "on" => return Ok(Compression::On),
        _ => {}
    }
    let mend = match nearest(&found, NAMES) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => "write \"off\", \"broadcast\" or \"on\"".to_owned(),
    };
    Err(value.error(format!("`compression` knows no \"{found}\"\nhelp: {mend}")))
}

fn origins(value: &Value) -> syn::Result<Vec<LitStr>> {
    let origins = value.strings(ORIGINS)?;
    if origins.is_empty() {
        return Err(value.error(
            "an empty list lets no page connect\n\
             help: name the pages, or remove the key for those of the same host",
        ));
    }
    each(origins, "origin", |origin, count| {
        if origin == "*" && count > 1 {
            let problem = "\"*\" lets every page connect, the others as well";
            return Some((problem.to_owned(), "keep it alone, or remove it".to_owned()));
        }
        origin::fault(origin)
    })
}

fn protocols(value: &Value) -> syn::Result<Vec<LitStr>> {
    let protocols = value.strings(PROTOCOLS)?;
    if protocols.is_empty() {
        return Err(value.error(
            "an empty list names no subprotocol\n\
             help: name those that are spoken, the preferred one first, or remove the key",
        ));
    }
    each(protocols, "subprotocol", |name, _| subprotocol::fault(name))
}

/// Every string of a list stands in it once, and has no `fault`: told with the length of the list, a
/// problem and its mend.
fn each(
    list: Vec<LitStr>,
    what: &str,
    fault: impl Fn(&str, usize) -> Option<(String, String)>,
) -> syn::Result<Vec<LitStr>> {
    let faults = list.iter().enumerate().filter_map(|(at, literal)| {
        let text = literal.value();
        let (problem, mend) = if list[..at].iter().any(|other| other.value() == text) {
            (format!("the {what} \"{text}\" stands here twice"), "remove one".to_owned())
        } else {
            fault(&text, list.len())?
        };
        Some(syn::Error::new_spanned(literal, format!("{problem}\nhelp: {mend}")))
    });
    let all = faults.reduce(|mut all, fault| {
        all.combine(fault);
        all
    });
    all.map_or(Ok(list), Err)
}
