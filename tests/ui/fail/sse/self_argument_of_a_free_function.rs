use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(&self) -> Subscription<String> {
    self.set.subscribe(None)
}

fn main() {}

// mend: &self => set: Data<ClientSet<String>>
// mend: self.set.subscribe(None) => set.subscribe(LastEventId::default())
