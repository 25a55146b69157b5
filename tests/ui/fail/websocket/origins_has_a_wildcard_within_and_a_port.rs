use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["https://app-*.example:8443"])]
async fn ws(mut socket: Socket<String, String>) {
    let _ = socket.recv().await;
}

fn main() {}

// mend: "https://app-*.example:8443" => "https://*.example:8443"
