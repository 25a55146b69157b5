//! What one route of each kind expands to, as a person reads it; and that what is half typed expands too.
//!
//! The texts stand beside this file. `UPDATE_SNAPSHOTS=1 cargo test -p ereo-macros` writes them anew: read
//! them in the diff.

use std::path::Path;

use proc_macro2::TokenStream;
use syn::Item;

use crate::check;
use crate::emit;
use crate::model::{Loader, Sse, WebSocket};

fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn sse(arguments: &str, item: &str) -> TokenStream {
    emit::route(check::route::<Sse>(tokens(arguments), tokens(item)))
}

/// What `#[beside]` makes of the type that it stands on: as in the compiler, at last.
fn unfolded(items: Vec<Item>) -> Vec<Item> {
    let unfold = |mut item: Item| {
        let Item::Struct(declaration) = &mut item else {
            return vec![item];
        };
        let Some(at) = declaration.attrs.iter().position(|attribute| {
            attribute.path().segments.last().is_some_and(|segment| segment.ident == "beside")
        }) else {
            return vec![item];
        };
        let beside = declaration.attrs.remove(at);
        let code = beside.meta.require_list().expect("it has arguments").tokens.clone();
        let code: syn::File = syn::parse2(code).expect("they are items");
        [item].into_iter().chain(code.items).collect()
    };
    items.into_iter().flat_map(unfold).collect()
}

fn assert_snapshot(name: &str, expansion: TokenStream) {
    let mut file: syn::File = syn::parse2(expansion).expect("an expansion is items");
    file.items = unfolded(file.items);
    assert_text(name, &prettyplease::unparse(&file));
}

fn assert_text(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/expansions/{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).expect("the snapshot is written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, kept, "{name}: UPDATE_SNAPSHOTS=1 renews the snapshot");
}

#[test]
fn expansion_of_sse() {
    let item = "/// News.\npub async fn feed(room: RoomId, page: Query<Page>) -> Subscription<Feed> { body }";
    assert_snapshot("sse", sse(r#""/rooms/{room}/feed", retry = "2s""#, item));
}

#[test]
fn expansion_of_loader() {
    let arguments = tokens(r#""/dashboard/data", live = stats_stream, cache = "60s""#);
    let item = tokens("async fn stats(db: Data<Db>) -> Result<Stats, AppError> { body }");
    assert_snapshot("loader", emit::route(check::route::<Loader>(arguments, item)));
}

#[test]
fn expansion_of_websocket() {
    let arguments = tokens(r#""/rooms/{room}/ws", max_message = "64KiB""#);
    let item = tokens(
        "async fn room_ws(room: String, mut socket: Socket<In, Out>) -> Result<(), SocketError> { body }",
    );
    assert_snapshot("websocket", emit::route(check::route::<WebSocket>(arguments, item)));
}

#[test]
fn expansion_of_hooks() {
    let item = tokens(
        "impl Chat {
            async fn open(conn: Connection<Out>) -> Result<Self, Refused> { body }
            async fn message(&mut self, msg: In) -> Result<(), SocketError> { body }
            async fn unreadable(&mut self, message: Unreadable) { body }
            async fn close(self, reason: CloseReason) { body }
        }",
    );
    assert_snapshot("hooks", emit::route(check::hooks(tokens(r#""/api/ws""#), item)));
}

#[test]
fn expansion_of_message() {
    let item = tokens(r#"#[serde(tag = "type")] enum Feed { Left, Chat { text: String } }"#);
    assert_snapshot("message", crate::message::derive(item));
}

/// Additions of the feature `contract` to each of them.
#[test]
fn expansion_of_a_contract() {
    let expanded = crate::emit::contract::on::with(|| {
        let feed =
            "async fn feed(page: Query<Page>) -> Result<Subscription<Feed>, Refused> { body }";
        let stats = "async fn stats() -> Result<Stats, AppError> { body }";
        let chat = "impl Chat {
            async fn open(conn: Connection<Out>) -> Self { body }
            async fn message(&mut self, msg: In) { body }
        }";
        let loader = check::route::<Loader>(tokens(r#""/data", live = feed"#), tokens(stats));
        [
            sse(r#""/feed""#, feed),
            emit::route(loader),
            emit::route(check::hooks(tokens(r#""/ws""#), tokens(chat))),
            crate::message::derive(tokens("enum Feed { Left, #[serde(untagged)] Other(u8) }")),
        ]
    });
    // The rest is above.
    let mut text = String::new();
    for expansion in expanded {
        let file: syn::File = syn::parse2(expansion).expect("an expansion is items");
        let file = syn::File { items: unfolded(file.items), ..file };
        let all = prettyplease::unparse(&file);
        let mut depth = None;
        for line in all.lines() {
            let indent = line.len() - line.trim_start().len();
            if line.contains("const __TOLD") || line.contains("fn description") {
                depth = Some(indent);
            }
            if depth.is_some() {
                text.push_str(&line[depth.unwrap_or_default().min(indent)..]);
                text.push('\n');
            }
            if depth == Some(indent) && line.trim_start().starts_with('}') {
                depth = None;
            }
        }
        assert!(all.contains("__TOLD") || all.contains("fn description"));
    }
    assert_text("contract", &text);
}

/// What an editor sends while somebody types: the item stays, so that completion goes on in it.
#[test]
fn half_typed_items_still_expand() {
    for body in
        ["feed.", "feed.subscribe(", "let x = ;", "match x { ", "if let Some(", "#", "let s: = 1"]
    {
        // A body is a balanced tree of tokens, or the compiler would not call the macro.
        let open = body.matches(['(', '{']).count();
        let close: String = body
            .chars()
            .rev()
            .filter_map(|c| match c {
                '(' => Some(')'),
                '{' => Some('}'),
                _ => None,
            })
            .collect();
        assert_eq!(open, close.len());
        let item = format!("async fn feed(set: Data<Set>) -> Subscription<u8> {{ {body}{close} }}");
        let expansion = sse(r#""/feed""#, &item).to_string();
        assert!(!expansion.contains("compile_error"), "{body}: {expansion}");
        assert!(expansion.contains(&tokens(&format!("{body}{close}")).to_string()), "{body}");
        assert!(expansion.contains("type feed"), "{body}");
    }
    for (arguments, item) in [
        ("", "async fn feed() -> Subscription<u8> { feed. }"),
        ("", "async fn feed"),
        (r#""/feed", re"#, "async fn feed() -> Subscription<u8> { feed. }"),
        (r#""/feed", retry ="#, "async fn feed() -> Subscription<u8> { feed. }"),
        (r#""/feed", retry = , group = "v2""#, "async fn feed() -> Subscription<u8> { feed. }"),
        (r#""/feed" retry"#, "async fn feed() -> Subscription<u8> { feed. }"),
        (r#""/feed", ,"#, "async fn feed() -> Subscription<u8> { feed. }"),
        (r#""/feed/{", "#, "async fn feed(room: String) -> Subscription<u8> { feed. }"),
        (r#""/feed""#, "async fn feed() -> { feed. }"),
        (r#""/feed""#, "async fn feed() -> impl { feed. }"),
        (r#""/feed""#, "async fn feed()"),
        (r#""/feed""#, "async fn feed();"),
        (r#""/feed""#, "async fn"),
        (r#""/feed""#, "pub async"),
        (r#""/feed""#, "fn feed(set: Data<Set>) { set. }"),
        (r#""/feed""#, "async fn feed(set: Data<Set>) { set. }"),
    ] {
        let expansion = sse(arguments, item).to_string();
        assert!(expansion.contains("compile_error"), "{arguments} {item}: {expansion}");
        assert!(expansion.contains(&tokens(item).to_string()), "{arguments} {item}: {expansion}");
    }
    // Of these rustc tells by itself.
    for item in [
        "async fn feed(set: ) -> Subscription<u8> { feed. }",
        "async fn feed(map: Map<A, B>, set) -> Subscription<u8> { feed. }",
        "async fn feed( -> Subscription<u8>) { feed. }",
    ] {
        assert_eq!(sse(r#""/feed""#, item).to_string(), tokens(item).to_string());
    }
    // A comma at the end is none too many.
    let item = "async fn feed() -> Subscription<u8> { feed. }";
    assert!(!sse(r#""/feed","#, item).to_string().contains("compile_error"));
}

/// Also of the other attributes, and of an `impl` whose hooks are half typed.
#[test]
fn half_typed_loaders_and_sockets_still_expand() {
    let loader =
        |arguments, item| emit::route(check::route::<Loader>(tokens(arguments), tokens(item)));
    let socket =
        |arguments, item| emit::route(check::route::<WebSocket>(tokens(arguments), tokens(item)));
    let hooks = |arguments, item| emit::route(check::hooks(tokens(arguments), tokens(item)));
    let open = "async fn open(c: Connection<Out>) -> Self { c. }";
    let blocks = [
        "impl Chat { }".to_owned(),
        format!("impl Chat {{ {open} }}"),
        format!("impl Chat {{ {open} async fn mes }}"),
        format!("impl Chat {{ {open} async fn message(&mut self, ) {{ self. }} }}"),
        format!("impl Chat {{ {open} async fn message(&mut self, text) {{ self. }} }}"),
        format!("impl Chat {{ {open} async fn message(&mut self, text: String) -> {{ self. }} }}"),
        "impl Chat { async fn open( ) { } async fn message(&mut self, text: In) { } }".to_owned(),
        "impl { async fn open() -> Self { x. } }".to_owned(),
    ];
    let of_blocks = blocks.iter().map(|block| (block.as_str(), hooks(r#""/ws""#, block)));
    let data = "async fn data() -> Stats { Stats. }";
    let ws = "async fn ws(mut socket: Socket<In, Out>) { socket. }";
    let others = [
        (data, loader(r#""/data", live ="#, data)),
        (data, loader(r#""/data", live = stats::"#, data)),
        (data, loader(r#""/data", "#, data)),
        (data, loader("", data)),
        ("async fn data() -> { x. }", loader(r#""/data""#, "async fn data() -> { x. }")),
        (ws, socket(r#""/ws", origins ="#, ws)),
        (ws, socket(r#""/ws", origins = [ , ]"#, ws)),
        (ws, socket(r#""/ws", max_message"#, ws)),
        ("async fn ws() { x. }", socket(r#""/ws""#, "async fn ws() { x. }")),
    ];
    for (item, expansion) in of_blocks.chain(others) {
        let expansion = expansion.to_string();
        assert!(expansion.contains(&tokens(item).to_string()), "{item}: {expansion}");
    }
}
