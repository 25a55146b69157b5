use ereo_runtime::prelude::*;

fn send(connection: Connection<String>) {
    tokio::spawn(async move { connection.send(&"hello".to_owned()).await });
}

fn main() {}

// mend: tokio::spawn => actix_web::rt::spawn
