use ereo_runtime::prelude::*;

fn read(subscription: Subscription<String>) {
    for message in subscription {
        drop(message);
    }
}

fn main() {}
