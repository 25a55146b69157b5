use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(
    _a: LastEventId,
    _b: LastEventId,
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
    _n: LastEventId,
    _o: LastEventId,
    _p: LastEventId,
    _q: LastEventId,
) -> Subscription<String> {
    todo!()
}

fn main() {}

// mend: _p: LastEventId,⏎    _q: LastEventId, => (_p, _q): (LastEventId, LastEventId),
