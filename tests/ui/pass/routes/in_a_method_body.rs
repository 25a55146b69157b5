//! Routes in the bodies of methods, closures and constants.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

struct Service;

impl Service {
    fn route(&self) -> &'static str {
        #[loader("/method")]
        async fn data() -> u8 {
            1
        }
        data::ROUTE
    }
}

const ROUTE: &str = {
    #[loader("/constant")]
    async fn data() -> u8 {
        2
    }
    data::ROUTE
};

fn main() {
    let closure = || {
        #[loader("/closure")]
        async fn data() -> u8 {
            3
        }
        data::ROUTE
    };
    assert_eq!((Service.route(), ROUTE, closure()), ("/method", "/constant", "/closure"));
}
