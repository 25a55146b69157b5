use ereo_runtime::prelude::*;

use futures_util::StreamExt;

async fn read(mut subscription: Subscription<String>) {
    while let Some(message) = subscription.next().await {
        drop(message);
    }
}

fn main() {}

// mend: next() => recv()
