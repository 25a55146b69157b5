//! `live` by every way that a path names a function: imported, renamed, relative, absolute, in a body.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

use feeds::{stats_stream, stats_stream as renamed};

/// What is counted.
#[derive(Clone, Serialize, Message)]
pub struct Count(pub u32);

/// The live routes.
pub mod feeds {
    use ereo_runtime::prelude::*;

    use crate::Count;

    /// Numbers.
    #[sse("/stats-stream")]
    pub async fn stats_stream(set: Data<ClientSet<Count>>, last: LastEventId) -> Subscription<Count> {
        set.subscribe(last)
    }

    /// A loader beside the route.
    #[loader("/beside", live = self::stats_stream)]
    pub async fn beside() -> Count {
        Count(1)
    }

    /// A loader further in.
    pub mod inner {
        use ereo_runtime::prelude::*;

        use crate::Count;

        /// Above is the route.
        #[loader("/inner", live = super::stats_stream)]
        pub async fn inner() -> Count {
            Count(1)
        }
    }
}

/// Imported.
#[loader("/imported", live = stats_stream)]
pub async fn imported() -> Count {
    Count(1)
}

/// Renamed, with a result.
#[loader("/renamed", live = renamed)]
pub async fn with_another_name() -> Result<Count, actix_web::Error> {
    Ok(Count(1))
}

/// From the crate's root.
#[loader("/absolute", live = crate::feeds::stats_stream)]
pub async fn absolute() -> Count {
    Count(1)
}

fn main() {
    #[sse("/in-a-body/stream")]
    async fn stream(set: Data<ClientSet<Count>>, last: LastEventId) -> Subscription<Count> {
        set.subscribe(last)
    }

    #[loader("/in-a-body", live = stream)]
    async fn body() -> Count {
        Count(1)
    }

    assert_eq!(body::path(), "/in-a-body");
    assert_eq!(imported::ROUTE, "/imported");
}
