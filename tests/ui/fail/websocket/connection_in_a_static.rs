use ereo_runtime::prelude::*;

use std::sync::Mutex;

static CONNECTIONS: Mutex<Vec<Connection<String>>> = Mutex::new(Vec::new());

fn main() {}
