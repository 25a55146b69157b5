use ereo_runtime::prelude::*;

struct NoData;

#[loader("/data", cach = "60s")]
async fn data(_: u8) -> NoData {
    NoData
}

fn main() {}
