use actix_web::web::Json;
use ereo_runtime::prelude::*;

#[websocket("/rooms")]
async fn rooms(first: Json<String>, socket: Socket<String, String>) {
    drop((first, socket));
}

fn main() {}
