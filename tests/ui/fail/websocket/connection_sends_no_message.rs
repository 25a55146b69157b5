use ereo_runtime::prelude::*;

struct Plain;

async fn send(connection: Connection<Plain>) {
    let _ = connection.send(&Plain).await;
}

fn main() {}

// mend: struct Plain => #[derive(Serialize, Message)]⏎struct Plain
