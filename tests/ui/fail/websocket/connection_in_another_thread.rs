use ereo_runtime::prelude::*;

fn send(connection: Connection<String>) {
    std::thread::spawn(move || drop(connection));
}

fn main() {}
