use ereo_runtime::prelude::*;

use std::sync::Mutex;

static CONNECTIONS: Mutex<Vec<Connection<String>>> = Mutex::new(Vec::new());

fn main() {}

// mend: Mutex<Vec<Connection<String>>> = Mutex::new(Vec::new()) => std::sync::LazyLock<ClientSet<String>> = std::sync::LazyLock::new(ClientSet::new)
