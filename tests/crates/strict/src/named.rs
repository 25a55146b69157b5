//! Routes named like what the prelude brings along, and like words of the language.

use ereo_runtime::prelude::*;

use crate::messages::Place;

/// Two routes, the loader live by the stream.
macro_rules! pair {
    ($($module:ident, $name:ident, $stream:literal, $data:literal;)*) => { $(
        /// By itself.
        pub mod $module {
            use ereo_runtime::prelude::*;

            use crate::messages::Place;

            /// The stream.
            #[sse($stream)]
            async fn $name(set: Data<ClientSet<Place>>, last: LastEventId) -> Subscription<Place> {
                set.subscribe(last)
            }

            /// The data.
            #[loader($data, live = $name)]
            pub(super) async fn data() -> Place {
                Place { x: 0, y: 0 }
            }
        }
    )* };
}

pair! {
    of_loader, loader, "/named/loader", "/named/loader/data";
    of_websocket, websocket, "/named/websocket", "/named/websocket/data";
    of_broadcast, broadcast, "/named/broadcast", "/named/broadcast/data";
    of_live, live, "/named/live", "/named/live/data";
    of_route, route, "/named/route", "/named/route/data";
    of_routes, routes, "/named/routes", "/named/routes/data";
    of_message, message, "/named/message", "/named/message/data";
    of_prelude, prelude, "/named/prelude", "/named/prelude/data";
    of_server, server, "/named/server", "/named/server/data";
    of_core, core, "/named/core", "/named/core/data";
    of_std, std, "/named/std", "/named/std/data";
    of_text, str, "/named/str", "/named/str/data";
    of_raw, r#type, "/named/type", "/named/type/data";
    of_async, r#async, "/named/async", "/named/async/data";
    of_path, path, "/named/path", "/named/path/data";
    of_call, call, "/named/call", "/named/call/data";
    of_load, load, "/named/load", "/named/load/data";
    of_incoming, incoming, "/named/incoming", "/named/incoming/data";
    of_request, request, "/named/request", "/named/request/data";
}

/// Named like the attribute and the module.
pub mod of_sse {
    use ereo_runtime::prelude::*;

    use crate::messages::Place;

    /// The stream.
    #[ereo_runtime::sse("/named/sse")]
    async fn sse(set: Data<ClientSet<Place>>, last: LastEventId) -> Subscription<Place> {
        set.subscribe(last)
    }

    /// The data.
    #[loader("/named/sse/data", live = sse)]
    pub(super) async fn data() -> Place {
        Place { x: 0, y: 0 }
    }

    /// The data as well.
    #[loader("/named/sse/data/again", live = self::sse)]
    pub(super) async fn again() -> Place {
        Place { x: 0, y: 0 }
    }
}

/// Beside the prelude of the root.
#[sse("/named/stream")]
async fn stream(set: Data<ClientSet<Place>>, last: LastEventId) -> Subscription<Place> {
    set.subscribe(last)
}

/// In a body.
#[must_use]
pub const fn in_a_body() -> &'static str {
    /// The data.
    #[loader("/named/stream/data", live = stream)]
    async fn loader() -> Place {
        Place { x: 0, y: 0 }
    }
    loader::ROUTE
}

#[test]
fn paths_are_there() {
    assert_eq!(in_a_body(), "/named/stream/data");
    assert_eq!(of_sse::data::ROUTE, "/named/sse/data");
    assert_eq!(of_sse::again::path(), "/named/sse/data/again");
    assert_eq!(of_loader::data::path(), "/named/loader/data");
}
