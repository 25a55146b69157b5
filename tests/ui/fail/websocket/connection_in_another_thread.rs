use ereo_runtime::prelude::*;

fn send(connection: Connection<String>) {
    std::thread::spawn(move || drop(connection));
}

fn main() {}

// mend: std::thread::spawn(move || drop(connection)) => actix_web::rt::spawn(async move { drop(connection) })
