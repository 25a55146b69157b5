use ereo_runtime::prelude::*;

#[derive(Serialize)]
struct Result<T> {
    goals: T,
}

#[loader("/result")]
async fn result() -> Result<u8> {
    Result { goals: 3 }
}

fn main() {}
