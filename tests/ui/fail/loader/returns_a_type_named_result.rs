use ereo_runtime::prelude::*;

#[derive(Serialize)]
struct Result {
    goals: u8,
}

#[loader("/result")]
async fn result() -> Result {
    Result { goals: 3 }
}

fn main() {}
