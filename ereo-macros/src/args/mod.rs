//! The attribute's arguments: the path literal, then `key = value`s. Each kind of route says which
//! keys it has.

mod duration;
mod loader;
mod origin;
mod raw;
mod size;
mod sse;
mod subprotocol;
mod value;
mod websocket;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{LitStr, Path};

use self::raw::Entry;
pub(crate) use self::value::Value;
use crate::diagnostics::{Errors, nearest};
use crate::model::{Loader, Sse, WebSocket};
use crate::paths::Runtime;

/// A key and what a value of it looks like.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// [`ALONE`] where it takes none.
    pub(crate) example: &'static str,
}

/// In place of a value's example: the key is a word that stands for itself.
pub(crate) const ALONE: &str = "";

/// The keys of one kind of route, read into its options.
pub(crate) trait Keys: Default {
    /// The attribute as a user writes it.
    const ATTRIBUTE: &'static str;
    const KEYS: &'static [Key];

    /// Takes the value of one of `KEYS`.
    fn set(&mut self, key: &str, value: &Value) -> syn::Result<()>;

    /// Checks what the values say together with the defaults, when all were taken.
    fn together(&self, _values: &[&Value], _errors: &mut Errors) {}
}

/// The keys that every route has.
const COMMON: &[Key] =
    &[Key { name: "group", example: "\"v2\"" }, Key { name: "crate", example: "ereo_runtime" }];

/// Every attribute's own keys, to tell a key of another attribute from a mistyped one.
const OWN: &[(&str, &[Key])] = &[
    (Sse::ATTRIBUTE, Sse::KEYS),
    (Loader::ATTRIBUTE, Loader::KEYS),
    (WebSocket::ATTRIBUTE, WebSocket::KEYS),
];

/// What keys are called elsewhere.
const FOREIGN: &[(&str, &str)] = &[
    ("reconnect", "retry"),
    ("keep_alive", "heartbeat"),
    ("keepalive", "heartbeat"),
    ("interval", "heartbeat"),
    ("lag", "on_lag"),
    ("stream", "live"),
    ("change", "changes"),
    ("delta", "changes"),
    ("deltas", "changes"),
    ("reduce", "changes"),
    ("max_age", "cache"),
    ("ttl", "cache"),
    ("max_size", "max_message"),
    ("max_message_size", "max_message"),
    ("max_frame_size", "max_message"),
    ("limit", "max_message"),
    ("allow_origin", "origins"),
    ("cors", "origins"),
    ("timeout", "idle"),
    ("idle_timeout", "idle"),
    ("ping_interval", "ping"),
    ("heartbeat", "ping"),
    ("compress", "compression"),
    ("deflate", "compression"),
    ("tag", "group"),
    ("krate", "crate"),
];

/// The arguments as far as they were right.
#[derive(Default)]
pub(crate) struct Args<K> {
    pub(crate) path: Option<LitStr>,
    pub(crate) group: Option<LitStr>,
    pub(crate) runtime: Runtime,
    pub(crate) options: K,
}

impl<K: Keys> Args<K> {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let entries = raw::entries(tokens);
        let mut args = Self::default();
        let (mut seen, mut values) = (Vec::new(), Vec::new());
        let named = args.named_path(&entries, errors);
        if named.is_none() {
            args.expect_path_first(&entries, errors);
        }
        for entry in &entries {
            match entry {
                Entry::Value(value) if named.is_some_and(|named| std::ptr::eq(named, value)) => {}
                Entry::Path(path) if args.path.is_none() => args.path = Some(path.clone()),
                Entry::Path(text) => match args.quoted_key(text) {
                    Some(key) => {
                        let name = key.name;
                        let message = format!(
                            "`{name}` is a key, and stands without quotes\nhelp: write `{name}`"
                        );
                        errors.on(text, message);
                    }
                    None => errors.on(
                        text,
                        "a route has one path\n\
                         help: write a second function, or a `{parameter}` for what differs",
                    ),
                },
                Entry::Value(value) if seen.contains(&value.name()) => {
                    let name = value.name();
                    errors.on(
                        &value.key,
                        format!("the key `{name}` stands here twice\nhelp: remove one"),
                    );
                }
                Entry::Value(value) => {
                    seen.push(value.name());
                    values.push(value);
                    errors.keep(args.set(value));
                }
                Entry::Wrong(tokens, message) => errors.on(tokens, message),
            }
        }
        args.options.together(&values, errors);
        args
    }

    /// The key that stands for itself and was quoted. It counts as said: what follows from it is not told as well.
    fn quoted_key(&mut self, text: &LitStr) -> Option<&'static Key> {
        let name = text.value();
        let key = K::KEYS.iter().find(|key| key.example == ALONE && key.name == name)?;
        let value = Value::alone(Ident::new(key.name, text.span()));
        self.options.set(key.name, &value).ok()?;
        Some(key)
    }

    /// The value that is meant as the path: a text with a leading `/` under a key that there is not, where
    /// no path stands by itself.
    fn named_path<'a>(&mut self, entries: &'a [Entry], errors: &mut Errors) -> Option<&'a Value> {
        if entries.iter().any(|entry| !matches!(entry, Entry::Value(_))) {
            return None;
        }
        let named = entries.iter().find_map(|entry| match entry {
            Entry::Value(value) if !is_key::<K>(&value.name()) => {
                let path = value.string("").ok().filter(|path| path.value().starts_with('/'))?;
                Some((value, path))
            }
            _ => None,
        });
        let (value, path) = named?;
        let (attribute, token) = (K::ATTRIBUTE, path.token());
        errors.on(
            &value.key,
            format!("the path has no key\nhelp: write #[{attribute}({token}, ..)]"),
        );
        self.path = Some(path);
        Some(value)
    }

    fn expect_path_first(&self, entries: &[Entry], errors: &mut Errors) {
        let attribute = K::ATTRIBUTE;
        let usage = format!("help: write #[{attribute}(\"/path\", ..)]");
        match entries.first() {
            Some(Entry::Path(_)) => {}
            // It says itself what is wrong.
            Some(Entry::Wrong(..)) => {}
            Some(Entry::Value(value)) => {
                let late = entries.iter().any(|entry| matches!(entry, Entry::Path(_)));
                let what =
                    if late { "the path stands before the keys" } else { "the path is missing" };
                errors.on(&value.key, format!("{what}\n{usage}"));
            }
            None => errors.at(Span::call_site(), format!("the path is missing\n{usage}")),
        }
    }

    fn set(&mut self, value: &Value) -> syn::Result<()> {
        let name = value.name();
        if let Some(key) = K::KEYS.iter().find(|key| key.name == name) {
            if key.example == ALONE {
                // Said, however wrongly: what follows from it is not told as well.
                self.options.set(&name, value)?;
                return value.expect_none();
            }
            value.expect_some(key)?;
            return self.options.set(&name, value);
        }
        let Some(key) = COMMON.iter().find(|key| key.name == name) else {
            // A key that stands alone counts as said, however wrongly, as above.
            let alone = K::KEYS.iter().filter(|key| key.example == ALONE);
            if let Some(meant) = alone.into_iter().find(|key| means(&name, key.name)) {
                self.options.set(meant.name, value)?;
            }
            return Err(unknown::<K>(value));
        };
        value.expect_some(key)?;
        match key.name {
            "group" => self.group = Some(group(value)?),
            _ => self.runtime = Runtime::Renamed(value.path("ereo_runtime")?),
        }
        Ok(())
    }
}

fn is_key<K: Keys>(name: &str) -> bool {
    K::KEYS.iter().chain(COMMON).any(|key| key.name == name)
}

/// Whether an unknown key stands for this one.
fn means(name: &str, key: &str) -> bool {
    FOREIGN.contains(&(name, key)) || nearest(name, [key]).is_some()
}

fn group(value: &Value) -> syn::Result<LitStr> {
    let group = value.string("\"v2\"")?;
    if group.value().trim().is_empty() {
        return Err(value.error(
            "a group has a name\nhelp: write for instance `group = \"v2\"`, or remove the key",
        ));
    }
    Ok(group)
}

fn unknown<K: Keys>(value: &Value) -> syn::Error {
    let (name, attribute) = (value.name(), K::ATTRIBUTE);
    let owner = OWN.iter().find(|(_, keys)| keys.iter().any(|key| key.name == name));
    let names = || K::KEYS.iter().chain(COMMON).map(|key| key.name);
    let meant = FOREIGN.iter().find(|(foreign, meant)| *foreign == name && is_key::<K>(meant));
    let message = if let Some((_, meant)) = meant {
        format!("#[{attribute}] has no key `{name}`\nhelp: it is called `{meant}` here")
    } else if let Some((owner, _)) = owner {
        format!("`{name}` is a key of #[{owner}], not of #[{attribute}]\nhelp: remove it")
    } else if let Some(meant) = nearest(&name, names()) {
        format!("#[{attribute}] has no key `{name}`\nhelp: did you mean `{meant}`?")
    } else {
        let names: Vec<_> = names().map(|name| format!("`{name}`")).collect();
        format!("#[{attribute}] has no key `{name}`\nhelp: its keys are {}", names.join(", "))
    };
    syn::Error::new_spanned(&value.key, message)
}

/// The `crate` key of a derive's helper attribute, `#[message(crate = path)]`: the only one it has.
pub(crate) fn helper_keys(
    attribute: &str,
    tokens: TokenStream,
    runtime: &mut Option<Path>,
    errors: &mut Errors,
) {
    const CRATE: Key = Key { name: "crate", example: "ereo_runtime" };
    for entry in raw::entries(tokens) {
        match entry {
            Entry::Path(literal) => {
                errors.on(
                    literal,
                    format!("expected a key\nhelp: write #[{attribute}(crate = ereo_runtime)]"),
                );
            }
            Entry::Wrong(tokens, message) => errors.on(tokens, message),
            Entry::Value(value) if value.name() != CRATE.name => {
                let name = value.name();
                let mend = match nearest(&name, [CRATE.name]) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "its key is `crate`; names are serde's: `#[serde(rename = \"..\")]`"
                        .to_owned(),
                };
                errors.on(&value.key, format!("#[{attribute}] has no key `{name}`\nhelp: {mend}"));
            }
            Entry::Value(value) if runtime.is_some() => {
                errors.on(&value.key, "the key `crate` stands here twice\nhelp: remove one");
            }
            Entry::Value(value) => {
                let path = value.expect_some(&CRATE).and_then(|()| value.path(CRATE.example));
                if let Some(path) = errors.keep(path) {
                    *runtime = Some(path);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
