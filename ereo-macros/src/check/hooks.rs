//! The hooks of an `impl` block: which there are, and their signatures.

mod second;
mod signatures;

use proc_macro2::TokenStream;
use syn::{Type, parse_quote};

use self::signatures::{
    HEARD, HEARS, MESSAGE, OPEN, close, heard, hears, is_value, message, open, refresh, unreadable,
};
use super::{Checked, Refused, checked_pattern, one_route, parameters, signature};
use crate::args::Args;
use crate::diagnostics::{Errors, nearest};
use crate::item::{Alternatives, Block, Function, borrow, spelled, unit};
use crate::model::{Handler, Heard, Hooks, InOrder, Route, StandIn, Unreadable, WebSocket};

/// In the order in which they are called.
const HOOKS: [&str; 7] = ["open", "hears", "message", "unreadable", "heard", "refresh", "close"];

/// What hooks are called elsewhere, or would be.
const FOREIGN: [&str; 16] = [
    "error",
    "invalid",
    "malformed",
    "drain",
    "ping",
    "pong",
    "upgrade",
    "connect",
    "connected",
    "disconnect",
    "disconnected",
    "started",
    "stopped",
    "receive",
    "refresh",
    "expired",
];

/// The block of an `impl` with and without a hook that has a `cfg`, or an argument of one.
pub(super) fn alternatives(item: &TokenStream) -> Option<Alternatives> {
    Alternatives::of(item, &HOOKS).or_else(|| Alternatives::of_hooks_argument(item, &HOOKS))
}

pub(crate) fn hooks(arguments: TokenStream, item: TokenStream) -> Checked<Hooks> {
    let mut errors = Errors::default();
    let args = Args::<WebSocket>::parse(arguments, &mut errors);
    match syn::parse2::<Block>(item.clone()) {
        Ok(block) if second::is_second(&block) => {
            let owner = block.name().map(spelled).unwrap_or_default();
            let message = format!(
                "`{owner}` answers a route already: another `impl` of it has the attribute as well\n\
                 help: give this route a type of its own: `struct Other;` and `impl Other {{ .. }}`"
            );
            errors.on(&block.owner, message);
            // What both have would be there twice.
            let item = TokenStream::new();
            Checked { item, outcome: Err(Refused { errors, stand_in: None }) }
        }
        Ok(block) => {
            let item = one_route(&block.attributes, item, &mut errors);
            let variadic = |function: &Function| function.signature.variadic.is_some();
            // rustc refuses these in words of its own: one message is enough.
            let told = block.functions.iter().any(variadic)
                || matches!(block.owner, Type::Reference(_) | Type::TraitObject(_));
            let item = if told { TokenStream::new() } else { item };
            Checked { item, outcome: block_route(args, &block, errors) }
        }
        Err(error) => super::unreadable(args.path.as_ref(), item, Some(error), errors),
    }
}

fn block_route(
    args: Args<WebSocket>,
    block: &Block,
    errors: Errors,
) -> Result<Route<Hooks>, Refused<Hooks>> {
    let open = block.function("open");
    let (pattern, mut errors) = checked_pattern(args.path.as_ref(), open, false, errors);
    let is_plain = plain(block, &mut errors);
    let mut of_members = Errors::default();
    if is_plain {
        members(block, &mut of_members);
    }
    let members_fit = is_plain && of_members.is_empty() && !block.repeats_a_hook();
    errors.append(of_members);
    let found = Found::of(block).filter(|_| members_fit);
    match (args.path, block.name(), found) {
        (Some(path), Some(name), Some(found)) if errors.is_empty() => Ok(Route {
            handler: Handler {
                conditions: block.conditions(),
                // The type's own is not known here; it bounds these as well.
                visibility: parse_quote! { pub },
                name: name.clone(),
                owner: Some(block.owner.clone()),
                arguments: parameters::sources(&pattern, found.open),
                output: output(found.open),
            },
            runtime: args.runtime,
            path,
            pattern,
            group: args.group,
            options: found.hooks(args.options),
        }),
        (path, name, found) => {
            let stand_in = name.filter(|_| is_plain).map(|name| {
                Box::new(StandIn {
                    runtime: args.runtime,
                    conditions: block.conditions(),
                    visibility: parse_quote! { pub },
                    name: name.clone(),
                    owner: Some(block.owner.clone()),
                    parameters: pattern.parameters().map(|it| it.name.clone()).collect(),
                    callable: None,
                    output: found.as_ref().map(|found| output(found.open)),
                    checked: found.map(|found| {
                        let arguments = parameters::in_order(path.as_ref(), &pattern, found.open);
                        InOrder {
                            has_all_arguments: true,
                            arguments,
                            options: Some(found.hooks(args.options)),
                        }
                    }),
                })
            });
            Err(Refused { errors, stand_in })
        }
    }
}

fn output(function: &Function) -> Type {
    function.output().cloned().unwrap_or_else(|| unit(&function.signature.ident))
}

/// The hooks of a block without mistakes.
struct Found<'a> {
    open: &'a Function,
    message: &'a Function,
    received: &'a Type,
    /// With its argument.
    unreadable: Option<(&'a Function, &'a Type)>,
    /// `hears`, and `heard` with its argument.
    heard: Option<(&'a Function, &'a Function, &'a Type)>,
    refresh: Option<&'a Function>,
    reason: Option<&'a Type>,
}

impl<'a> Found<'a> {
    fn of(block: &'a Block) -> Option<Self> {
        let argument = |function: &'a Function| function.arguments().next().map(|(_, ty)| ty);
        let (open, message) = (block.function("open")?, block.function("message")?);
        let reason = block.function("close").and_then(argument);
        let unreadable = block.function("unreadable");
        let unreadable = unreadable.and_then(|function| Some((function, argument(function)?)));
        let heard = block.function("hears").zip(block.function("heard"));
        let heard = heard.and_then(|(hears, heard)| Some((hears, heard, argument(heard)?)));
        let refresh = block.function("refresh");
        let received = argument(message)?;
        Some(Self { open, message, received, unreadable, heard, refresh, reason })
    }

    fn hooks(self, keys: WebSocket) -> Hooks {
        Hooks {
            keys,
            received: self.received.clone(),
            message_output: output(self.message),
            unreadable: self.unreadable.map(|(function, taken)| Unreadable {
                taken: taken.clone(),
                output: output(function),
            }),
            heard: self.heard.map(|(hears, heard, event)| Heard {
                source: output(hears),
                event: event.clone(),
                output: output(heard),
            }),
            refresh: self.refresh.map(output),
            close: self.reason.cloned(),
        }
    }
}

impl Block {
    fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| spelled(&function.signature.ident) == name)
    }

    /// What rustc refuses by itself: functions of one name.
    fn repeats_a_hook(&self) -> bool {
        HOOKS.into_iter().any(|hook| {
            let same = |function: &&Function| function.signature.ident == hook;
            self.functions.iter().filter(same).count() > 1
        })
    }
}

/// Whether the block is one that can have hooks at all.
fn plain(block: &Block, errors: &mut Errors) -> bool {
    if let Some(implemented) = &block.implements {
        let message = "#[websocket] stands above the type's own `impl`, not above one of a trait\n\
                       help: write `impl Type { .. }` with the hooks `open`, `message` and `close`";
        errors.on(implemented, message);
        return false;
    }
    for parameter in &block.generics.params {
        signature::generic(parameter, "a route's `impl`", errors);
    }
    let borrowed = block.generics.params.is_empty().then(|| borrow(&block.owner)).flatten();
    if let Some(borrow) = &borrowed {
        let message = "the state of a connection lives as long as the connection, and cannot borrow\n\
                       help: keep what owns its data: a `Data<T>`, a `Connection<Out>`, a `String`";
        errors.on(borrow, message);
    }
    if block.name().is_none() && borrowed.is_none() {
        errors.on(&block.owner, "expected the name of a type\nhelp: write `impl Chat { .. }`");
    }
    block.generics.params.is_empty() && borrowed.is_none() && block.name().is_some()
}

/// What is missing first, for it is told at the block's head or instead of a misspelled hook; then
/// each function in the order of the source.
fn members(block: &Block, errors: &mut Errors) {
    // Each of these two is nothing without the other.
    let with = |other: &str, usage| block.function(other).map(|_| usage);
    let (source, event) = (with("heard", HEARS), with("hears", HEARD));
    let usages = [Some(OPEN), source, Some(MESSAGE), None, event, None, None];
    let misspelled: Vec<_> = HOOKS
        .into_iter()
        .zip(usages)
        .filter(|(hook, _)| block.function(hook).is_none())
        .filter_map(|(hook, usage)| missing(block, hook, usage, errors))
        .collect();
    for function in &block.functions {
        let name = &function.signature.ident;
        match spelled(name).as_str() {
            "open" => open(function, errors),
            "message" => message(function, errors),
            "hears" => hears(function, errors),
            "unreadable" => unreadable(function, errors),
            "heard" => heard(function, errors),
            "refresh" => refresh(function, errors),
            "close" => close(function, errors),
            _ => {
                let meant = misspelled.iter().find(|(meant, _)| std::ptr::eq(*meant, function));
                if let Some((_, hook)) = meant {
                    let message = format!("`{name}` is no hook\nhelp: did you mean `{hook}`?");
                    errors.on(name, message);
                } else {
                    helper(function, errors);
                }
            }
        }
    }
}

/// The function that was meant, or an error if there is none and the hook must be there.
fn missing<'a>(
    block: &'a Block,
    hook: &'static str,
    usage: Option<&str>,
    errors: &mut Errors,
) -> Option<(&'a Function, &'static str)> {
    let meant = block.functions.iter().find(|function| {
        let signature = &function.signature;
        let name = spelled(&signature.ident);
        let near = nearest(name.strip_prefix("on_").unwrap_or(&name), [hook]).is_some();
        let is_hook = HOOKS.contains(&name.as_str());
        // A type may well have a method of its own that is called almost like a hook that need not be
        // there: only one that also ends the value is taken for `close`, and neither `authorize` nor
        // `readable`.
        let fits = match hook {
            "close" => signature.receiver().is_some_and(is_value),
            "hears" | "heard" => name.trim_start_matches("on_").starts_with("hear"),
            "refresh" => name.starts_with("re"),
            "unreadable" => name.trim_start_matches("on_").starts_with("un"),
            _ => true,
        };
        let is_async = hook != "hears";
        near && fits && !is_hook && signature.asyncness.is_some() == is_async
    });
    if let (None, Some(usage)) = (meant, usage) {
        let owner = block.name().map(spelled).unwrap_or_default();
        errors.on(&block.owner, format!("`{owner}` has no hook `{hook}`\nhelp: add `{usage}`"));
    }
    meant.map(|meant| (meant, hook))
}

/// Helpers are the user's own, but one that is called like a hook and open to others waits for
/// somebody to call it.
fn helper(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    let name = spelled(&signature.ident);
    let foreign = FOREIGN.contains(&name.strip_prefix("on_").unwrap_or(&name));
    let is_open = !matches!(function.visibility, syn::Visibility::Inherited);
    if foreign && is_open && signature.asyncness.is_some() {
        errors.on(
            &signature.ident,
            format!(
                "`{name}` is no hook, and nothing would call it\n\
                 help: the hooks are `open`, `message`, `unreadable`, `hears` with `heard`, `refresh` and `close`, which gets the reason of every end; give a helper another name, or no `pub`"
            ),
        );
    }
}
