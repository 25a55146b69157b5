use ereo_runtime::prelude::*;

#[derive(Message)]
enum Feed {
    Opened,
}

fn main() {}
