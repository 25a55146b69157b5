//! What one client sees of a set, under another type.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
struct Order {
    amount: f64,
    customer: String,
}

#[derive(Serialize, Message)]
struct Public {
    amount: f64,
}

#[sse("/orders/{customer}")]
async fn orders(
    customer: String,
    set: Data<ClientSet<Order>>,
    last: LastEventId,
) -> Subscription<Public> {
    set.subscribe(last)
        .filter(move |order| order.customer == customer)
        .map(|order| Public { amount: order.amount })
}

fn main() {
    let _ = Order { amount: 1.0, customer: String::new() };
    assert_eq!(orders::path("x/y"), "/orders/x%2Fy");
}
