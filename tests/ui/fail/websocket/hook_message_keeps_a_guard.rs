use ereo_runtime::prelude::*;

use std::sync::{Mutex, MutexGuard};

struct Chat {
    words: Data<Mutex<Vec<String>>>,
    last: Option<MutexGuard<'static, Vec<String>>>,
}

#[websocket("/ws")]
impl Chat {
    async fn open(_peer: Connection<String>, words: Data<Mutex<Vec<String>>>) -> Self {
        Self { words, last: None }
    }

    async fn message(&mut self, _text: String) {
        self.last = self.words.lock().ok();
    }
}

fn main() {}
