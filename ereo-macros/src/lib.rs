//! The macros of [`ereo-runtime`](https://docs.rs/ereo-runtime), which re-exports them: depend on
//! that crate.
//!
//! The steps of an attribute are in `expand`.

mod args;
mod check;
mod diagnostics;
mod emit;
mod expand;
#[cfg(test)]
mod expansions;
mod item;
#[cfg(feature = "contract")]
mod json_schema;
mod message;
mod model;
mod path;
mod paths;
mod serde_derive;
mod test;

use proc_macro::TokenStream;

/// Serves a stream as server-sent events.
///
/// ```text
/// #[sse("/rooms/{room}/feed", retry = "2s", heartbeat = "15s")]
/// async fn room_feed(room: RoomId, page: Query<Page>) -> impl Stream<Item = Feed> { .. }
/// ```
///
/// # Path
///
/// The first argument, a string literal with a leading `/`.
///
/// | in the path | takes |
/// | --- | --- |
/// | `{name}` | one segment |
/// | `{name:regex}` | what the regex matches |
/// | `{name}*` or `{name:.*}`, last | all that is left, slashes included |
///
/// Requests are decoded before they are compared, so a path is written without escapes; those that stay
/// are `%25`, `%2B` and `%2F`.
///
/// Names are identifiers, letters beyond ASCII included. A regex is read as the router reads it, within the
/// anchored path: one that it refuses or that never matches, such as `^[0-9]+$`, does not compile. How large
/// a regex becomes is seen at start only.
///
/// Each parameter is the function's argument of that name (`{type}` is `r#type`, and `_room` takes
/// `{room}` as well), of a type that deserializes from a segment. Every other argument is an
/// actix-web extractor: `Query<T>`, `Data<T>`, `LastEventId`, any type that implements
/// `FromRequest`, but for those that read a body, which a `GET` has not (`Json<T>`, `Form<T>`, `Bytes`,
/// `Payload`, `String`, also in an `Option` or a `Result`; where they hide in a tuple, no type tells). With
/// `method = "POST"` one argument may. There are 16 arguments at the most, as for a handler of actix-web; a tuple of
/// extractors is one. Arguments are waited for in their order, and the first refusal is the answer.
///
/// # Keys
///
/// | key | value | default |
/// | --- | --- | --- |
/// | `retry` | how long a client waits before it reconnects: a duration | `"1s"` |
/// | `heartbeat` | how often a comment is sent when nothing else is, and to the browser module an event that a page can see: a duration, or `"off"` | `"15s"` |
/// | `on_lag` | what becomes of a `Subscription` that lags: `"disconnect"`, `"skip-to-oldest"` or `"keep-latest"` | what its set says |
/// | `method` | `"POST"`: the request has a body, such as `question: web::Json<Question>`, and is made by `fetch` (`overFetch` of the browser module), for an `EventSource` asks by GET | `"GET"` |
/// | `group` | a name by which `routes()?.group(..)` chooses routes | none |
/// | `crate` | the path of a renamed `ereo-runtime` | `::ereo_runtime` |
///
/// A duration is a whole number and a unit: `"500ms"`, `"15s"`, `"2m"`, `"1h"`; zero is refused.
///
/// # Returns
///
/// A stream of messages or of `Event`s, or a `Subscription<T>`; plain, in an `Option` (`None` is 204: the
/// browser does not come back), or in a `Result` whose error becomes the answer. It outlives the
/// arguments, and so owns its data. Its end is told (`event: ereo.end`), and a browser does not begin it
/// again.
///
/// # What is generated
///
/// The function stays as it is, half typed too, so that an editor completes in it. Beside it stands a type
/// of its name and visibility with
///
/// - `room_feed::ROUTE`, the path as written;
/// - `room_feed::path("lobby")`, the path for these parameters, percent-encoded: one argument a
///   parameter, and a wrong number or type of them does not compile. An empty text, `.` and `..` are
///   no segments: routers and browsers take them otherwise. It knows neither scope nor prefix, which are
///   chosen at run time, and maybe twice: `format!("/api{}", room_feed::path("lobby"))`.
///
/// The route registers itself in the inventory that `routes()` reads. Another route of this crate
/// with the same method, group and path, names of parameters aside, does not compile. Regexes count
/// as they are spelled: `{id:[0-9]+}` and `{id:\d+}` are two routes, while `{x}` is `{x:[^/]+}` and
/// `{x}*` is `{x:.*}`.
///
/// # Errors
///
/// An argument may have a `cfg`: the item is then written twice, with it and without it.
///
/// All of an item's mistakes are reported by one compile, each on its token and with the way to
/// mend it: in the path, in a key, and in the signature, which must be of an `async fn` without
/// `self`, generics, `unsafe`, `extern` or variadic arguments. Types that do not fit are reported
/// by rustc on the type, also beside mistakes of the other kinds: a message that is none on the message's, an
/// error that is no HTTP answer on the error's, what an extractor holds and cannot deserialize on that,
/// `on_lag` above a stream that cannot lag on the key. A `Socket` or a `Connection` is an argument of a
/// WebSocket only. A second attribute of a route above the same item is an error, and so is one of actix-web
/// or another crate (`#[get("/..")]`) below it; above it, such an attribute is expanded first, and what is
/// told is that crate's.
///
/// Two routes of one method, group and path are one name that is defined twice. It is a sentence, as far as a
/// name can be: `the_route_GET__rooms___any__is_defined_twice__change_the_path_or_the_group_of_one`, where
/// `__` is a slash and `_any_` a parameter.
///
/// A parameter of a struct with named fields, which no segment gives, is not told before a request: no type says
/// how it deserializes.
///
/// A type that is not there may be told twice, as what is returned, as a custom extractor or as a path's
/// parameter: it stands in the generated code as well, where rustc suggests something else for it.
///
/// The attribute stands above free functions, in modules and in bodies. No attribute can tell where it
/// stands: above a function without `self` *in* an `impl` or a trait, rustc refuses the type that is
/// to stand beside the function ("struct is not supported in `trait`s or `impl`s"), at the function's
/// name. Move the function out.
///
/// # What it costs
///
/// The expansion never awaits: it names what each argument is taken from, and the runtime waits, for
/// all routes in the same code. [How long routes compile][compile-time], beside the same by hand.
///
/// [compile-time]: https://github.com/ereo/ereo/blob/main/docs/BENCHMARKS.md#compile-time
#[proc_macro_attribute]
pub fn sse(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::route::<model::Sse>(arguments.into(), item.into()).into()
}

/// Serves data as JSON, optionally with the position from which a live route continues without a
/// gap.
///
/// ```text
/// #[loader("/dashboard/data", live = stats_stream, cache = "60s")]
/// async fn stats(db: Data<Db>) -> Result<Stats, AppError> { .. }
/// ```
///
/// # Path
///
/// As for [`macro@sse`].
///
/// # Keys
///
/// | key | value | default |
/// | --- | --- | --- |
/// | `live` | the function of the `#[sse]` route that continues the data, or with `changes` of a `#[websocket]` route: a path, not quoted | none |
/// | `changes` | alone: the live route's messages are changes to the data, not the data anew | they are of one type |
/// | `cache` | how long the answer may be reused: a duration in whole seconds | it is asked for anew each time |
/// | `group` | a name by which `routes()?.group(..)` chooses routes | none |
/// | `crate` | the path of a renamed `ereo-runtime` | `::ereo_runtime` |
///
/// With `cache` the answer is `private`: no cache that several users share keeps it. A browser that several
/// users share after each other keeps it for requests with the same `cookie` and `authorization` headers
/// (`vary`), so that the next user, whose session is another, does not see the data of the former. Who is known
/// by something else, such as a client certificate or a header of one's own, is not told apart: leave `cache`
/// out there. Without it the answer is `no-cache`: it may be kept, and is asked about each time.
///
/// A live route has the same message type and the same parameters, and reads no body, which a loader's request
/// has not. Its position is taken before the
/// data is loaded, through its own extractors and refusals, so nothing that is broadcast meanwhile
/// is missed.
///
/// The key `changes` is for a page that begins with a list and goes on with single items: the types may then
/// differ, `#[loader("/inbox/first", live = inbox, changes)]`. The page says how a change is applied, by the
/// `reduce` of the browser module's `live(..)`. A change that was broadcast while the data was loaded may be
/// in the data already and comes again: apply it so that twice is as once, for instance by an item's id.
///
/// With `changes` the live route may be a `#[websocket]` function that forwards a subscription. The loader runs
/// it, its extractors and their refusals included, over a connection without a client, up to where it first
/// reads a subscription, and drops it there: subscribe before anything that others notice. One that waits for
/// a message first has no position, and the loader answers 500. The page opens its socket with that position:
/// `socket("/notes/ws?lastEventID=..", { id: (data) => data.id })`.
///
/// # Returns
///
/// A named type that serializes, or a `Result` of one whose error becomes the answer. A type whose
/// name ends in `Result` exactly is one, `io::Result<T>` included; give an alias of another name
/// its full spelling.
///
/// # What is generated
///
/// What [`macro@sse`] generates, and `stats::load(&req).await`, which gives the `LoaderData` to a
/// page that is rendered on the server.
///
/// # Errors
///
/// Those of [`macro@sse`]; also a return type of `impl Trait`, a `live` that names no route or one
/// without a position, and one of another message or of other path parameters, which are named. A
/// `live` that names nothing, a module or what is private is told of by rustc, at its path.
#[proc_macro_attribute]
pub fn loader(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::route::<model::Loader>(arguments.into(), item.into()).into()
}

/// Serves a WebSocket: as a function over a socket, or as hooks over the state of a connection.
///
/// ```text
/// #[websocket("/rooms/{room}/ws", max_message = "64KiB")]
/// async fn room_ws(room: RoomId, mut socket: Socket<ClientMsg, ServerMsg>) -> Result<(), SocketError> {
///     while let Some(message) = socket.recv().await? { .. }
///     Ok(())
/// }
///
/// #[websocket("/api/ws", origins = ["https://app.example"])]
/// impl ChatSocket {
///     async fn open(connection: Connection<ServerMsg>, user: User) -> Result<Self, Refused> { .. }
///     async fn message(&mut self, message: ClientMsg) -> Result<(), SocketError> { .. }
///     async fn close(self, reason: CloseReason) { .. }
/// }
/// ```
///
/// # Path
///
/// As for [`macro@sse`]. The parameters and extractors are the arguments of the function, or of
/// `open`. They are taken when the handshake was found right and before it is answered: one that
/// refuses is an ordinary HTTP answer.
///
/// # Keys
///
/// | key | value | default |
/// | --- | --- | --- |
/// | `max_message` | the largest message that is received, else 1009: a size, 4 GiB at most | `"64KiB"` |
/// | `origins` | the pages that may connect, else 403: a list of origins, see below | those of `Realtime::origins`, which are those of the same host |
/// | `protocols` | the subprotocols that are spoken, the preferred one first; see below | none |
/// | `ping` | the silence after which a client is sent a ping, and how often the browser module is sent a heartbeat that a page can see: a duration, or `"off"` | `"25s"` |
/// | `idle` | the silence after which a client is given up: a duration, or `"off"` | `"60s"` |
/// | `message_timeout` | the time from a message's first byte to its last, else 1008: a duration, or `"off"` | `"30s"`, and a second more for each 64 KiB of `max_message` |
/// | `compression` | what is compressed for clients that negotiate it: `"off"`, what is `"broadcast"`, or all with `"on"` | `"broadcast"` |
/// | `compression_threshold` | the size from which messages are compressed | `"256B"` |
/// | `group` | a name by which `routes()?.group(..)` chooses routes | none |
/// | `crate` | the path of a renamed `ereo-runtime` | `::ereo_runtime` |
///
/// A size is a whole number and a unit: `"512B"`, `"64KiB"`, `"1MiB"`, up to 4 GiB.
///
/// ## Origins
///
/// | in the list | pages |
/// | --- | --- |
/// | `"https://app.example"`, `"http://localhost:3000"` | of this scheme, host and port |
/// | `"https://*.app.example"` | of its subdomains, at any depth, and not of `https://app.example` itself. Under a public suffix such as `github.io` that is every page there |
/// | `"capacitor://localhost"`, `"chrome-extension://<id>"`, `"file://"` | of an app in a web view, or of an extension: any scheme, compared letter by letter |
/// | `"self"` | of the host that the request was sent to |
/// | `"null"` | that hide their origin: **any** site can have such a page (a sandboxed frame), so this is `"*"` for whoever wants it |
/// | `"*"`, alone | all of them |
///
/// ## Subprotocols
///
/// The first of the list that the client offers is chosen and answered (RFC 6455 section 4.2.2);
/// `socket.protocol()` and `connection.protocol()` tell which. A client that offers none is served
/// without one. A client that offers others only is answered 400, with the list: browsers would close
/// the connection that they got instead.
///
/// # The function
///
/// One argument is the `Socket<In, Out>`, or a `Connection<Out>` if it only sends. It returns nothing
/// or a `Result<(), E>` whose error converts into `SocketError`; its end closes the connection with
/// 1000, its error with the code that belongs to it, a panic with 1011.
///
/// # The hooks
///
/// | hook | called | returns |
/// | --- | --- | --- |
/// | `open(..)` | before the answer, with what it takes of the request | `Self`, or a `Result` of it whose error is the HTTP answer |
/// | `message(&mut self, message: In)` | for each message, one after the other | nothing, or a `Result<(), E>` whose error ends the connection |
/// | `unreadable(&mut self, message: Unreadable)` | for each message that is no `In`; it may answer, and the connection goes on | as `message`; it may be left out, and such a message then ends the connection: 1007, or 1003 for binary in place of text and the reverse |
/// | `hears(&mut self)`, not async | once, after `open` | what `heard` is to hear of: `set.presence()`, `set.subscribe(..)`, or any stream; the two go together, and may be left out |
/// | `heard(&mut self, event: Event)` | for each of that: a `PresenceEvent`, a `Delivery<T>`, or the stream's item; messages and events take turns | as `message` |
/// | `refresh(&mut self)` | shortly before the credentials end, where `open` set that with `connection.expires_at(..)` | `Option<Expiry>`: until when they are good now, or `None` to close with 3000; it may be left out, and so may the renewal |
/// | `close(self, reason: CloseReason)` | exactly once, however the connection ends | nothing; it may be left out |
///
/// Hooks of one connection are called one after the other, and so hear of a set and of who is in it without a task
/// or a lock of their own:
///
/// ```text
/// fn hears(&mut self) -> PresenceEvents { self.seat.set().presence() }
/// async fn heard(&mut self, event: PresenceEvent) -> Result<(), SocketError> { self.connection.send(&event.into()).await }
/// ```
///
/// A stream that ends is heard of no more, and the connection goes on; a `Subscription` that was disconnected for
/// lagging closes it with 1013, as a seat does. An `impl Stream` says `+ use<>`, for it is kept beside the state.
///
/// Whatever else the `impl` holds is the user's own.
///
/// # What is generated
///
/// What [`macro@sse`] generates; above an `impl` the type is the user's, and so `ROUTE` and `path`
/// are `ChatSocket::ROUTE` and `ChatSocket::path()`.
///
/// # Errors
///
/// Those of [`macro@sse`]; also a function without socket, an `impl` that is generic or of a trait, a
/// hook that is missing, misspelled or has another signature. A hook may have a `cfg`.
///
/// A type has one `impl` with the attribute: a second one in the same module is an error. Of one in another module, or
/// one that a `macro_rules!` writes, rustc tells by itself, with an error for each name that is there twice.
#[proc_macro_attribute]
pub fn websocket(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::websocket(arguments.into(), item.into()).into()
}

/// Puts the code of its arguments beside the type that it stands on; only expansions use it.
///
/// In an `impl` or a trait, where no type can stand, rustc drops the type with this attribute, and so
/// all of that code: one error instead of one an item.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn beside(arguments: TokenStream, item: TokenStream) -> TokenStream {
    [item, arguments].into_iter().collect()
}

/// Runs an async test on one thread, within a system of actix's, under paused time.
///
/// ```text
/// #[ereo_runtime::test]
/// async fn a_heartbeat_comes_after_15_s() { .. }
/// ```
///
/// The test may return what any test may. A function that is not async stays as it is. The one key is `crate`,
/// the path of a renamed `ereo-runtime`, whose feature `test` it takes.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    test::test(arguments.into(), item.into()).into()
}

/// Makes a type that serializes a message: what an SSE route or a socket sends.
///
/// ```text
/// #[derive(Serialize, Message)]
/// #[serde(rename_all = "snake_case")]
/// enum Feed { Notification(Notice), Chat { from: String, text: String } }
/// ```
///
/// A struct is an event without name, its JSON the data. An enum is a named event: the variant is
/// the name, as serde writes it, and its content the data. In a frame both are the whole JSON that
/// serde writes. Every tagging of serde is understood (`tag`, `tag` with `content`, `untagged`); an
/// untagged enum has no names, and an untagged variant of another enum has none: it is an unnamed event
/// with the whole JSON.
///
/// # Keys
///
/// `#[message(crate = path)]` above the type: the path of a renamed `ereo-runtime`.
///
/// # Errors
///
/// A union, a key that is not there, `#[message]` above a field or a variant; a variant whose name is
/// empty, has a line break or begins with `ereo.`, as the names of the library's own events do; an enum
/// that is written as another type (`into`), and a type that stands in for another one (`remote`), which
/// have no variant to be named after; a type without `Serialize`; what JSON cannot hold: a tag beside what
/// has no fields, `flatten` of it, keys of maps that are no texts. That is seen of the standard library's types
/// as they are spelled: a macro does not see what a type of your own, or an alias, is written as. What is wrong in
/// `#[serde(..)]` is told by serde's derive.
#[proc_macro_derive(Message, attributes(message))]
pub fn message(input: TokenStream) -> TokenStream {
    message::derive(input.into()).into()
}

/// serde's `Serialize`, also in a crate that depends on `ereo-runtime` only.
///
/// The prelude has it under serde's name, with serde's attributes; a crate that depends on serde may
/// as well import serde's own. A generic type's parameters must all be `Serialize`.
#[proc_macro_derive(Serialize, attributes(serde, message))]
pub fn serialize(input: TokenStream) -> TokenStream {
    serde_derive::derive(input.into(), serde_derive::Trait::Serialize).into()
}

/// serde's `Deserialize`, as [`macro@Serialize`] is its `Serialize`.
#[proc_macro_derive(Deserialize, attributes(serde, message))]
pub fn deserialize(input: TokenStream) -> TokenStream {
    serde_derive::derive(input.into(), serde_derive::Trait::Deserialize).into()
}

/// schemars' `JsonSchema`, also in a crate that depends on `ereo-runtime` only: what a contract says of a
/// type (feature `contract`).
///
/// serde's attributes count as serde reads them. What a function writes (`with`, `serialize_with`) can be
/// anything, unless `#[schemars(with = "Type")]` says what it is. A generic type's parameters must all be
/// `JsonSchema`.
///
/// schemars' own derive will do as well. It reads no tag of a struct, and takes a field that a function
/// writes for what its type is.
#[cfg(feature = "contract")]
#[proc_macro_derive(JsonSchema, attributes(serde, schemars, message))]
pub fn json_schema(input: TokenStream) -> TokenStream {
    json_schema::derive(input.into()).into()
}
