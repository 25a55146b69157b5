//! As many arguments as a handler of actix-web's has, and more of them in a tuple.
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

#[sse("/feed/{p}")]
async fn feed(
    (_a, _b): (LastEventId, Data<u8>),
    _c: LastEventId,
    _d: LastEventId,
    _e: LastEventId,
    _f: LastEventId,
    _g: LastEventId,
    _h: LastEventId,
    _i: LastEventId,
    _j: LastEventId,
    _k: LastEventId,
    _l: LastEventId,
    _m: LastEventId,
    last: LastEventId,
    p: String,
    set: Data<ClientSet<String>>,
) -> Subscription<String> {
    set.room(p).subscribe(last)
}

fn main() {}
