//! A macro by example may write routes.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

macro_rules! route {
    ($path:literal, $name:ident, $parameter:ident: $ty:ty, $retry:literal) => {
        /// Written by a macro.
        #[sse($path, retry = $retry)]
        pub async fn $name($parameter: $ty, set: Data<ClientSet<String>>) -> Subscription<String> {
            let _ = $parameter;
            set.subscribe(None.into())
        }
    };
}

route!("/one/{room}", one, room: String, "2s");
route!("/two/{id}", two, id: u32, "3s");

fn main() {
    assert_eq!(one::path("lobby"), "/one/lobby");
    assert_eq!(two::path(7), "/two/7");
}
