use ereo_runtime::prelude::*;

use actix_web::get;

#[loader("/data")]
#[get("/data")]
async fn data() -> String {
    String::new()
}

fn main() {}

// mend: #[get("/data")]⏎ => 
