use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(connection: Option<Connection<String>>) {
    drop(connection);
}

fn main() {}

// mend: Option<Connection<String>> => Connection<String>
