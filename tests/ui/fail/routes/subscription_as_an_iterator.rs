use ereo_runtime::prelude::*;

fn read(subscription: Subscription<String>) {
    for message in subscription {
        drop(message);
    }
}

fn main() {}

// mend: fn read( => async fn read(mut 
// mend: for message in subscription => while let Some(message) = subscription.recv().await
