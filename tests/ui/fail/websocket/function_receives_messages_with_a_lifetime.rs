use ereo_runtime::prelude::*;

#[derive(Deserialize)]
struct Line<'a> {
    text: &'a str,
}

#[websocket("/ws")]
async fn ws(mut socket: Socket<Line<'_>, String>) {
    while let Ok(Some(_)) = socket.recv().await {}
}

fn main() {}

// mend: Line<'_> => String
