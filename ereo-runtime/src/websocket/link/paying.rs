//! What user code of a connection reads of sets is charged to its client.

use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

use super::{Core, Link};
use crate::broadcast::ConnectionHandle;
use crate::charge::Payer;
use crate::ending::Ending;
use crate::server::OpenStream;
use crate::websocket::close::{CloseCode, CloseReason};

impl Link {
    /// The connection, to hold and close on other threads, and to be found in all of the server.
    pub(in crate::websocket) fn handle(&self) -> ConnectionHandle {
        let handle = ConnectionHandle::new(self.id(), self.outbox().for_sets());
        if let Some(open) = &*self.0.open.borrow()
            && let Some(everywhere) = open.everywhere()
        {
            everywhere.holds(&handle);
        }
        handle
    }

    /// The inspector lists it, and may end it.
    #[cfg(feature = "inspector")]
    pub(in crate::websocket) fn is_listed(&self) {
        if let Some(open) = &*self.0.open.borrow() {
            open.is_named(&ConnectionHandle::new(self.id(), self.outbox().for_sets()));
        }
    }

    /// Pays for what the connection's code reads.
    pub(in crate::websocket) fn payer(&self) -> Rc<dyn Payer> {
        Rc::clone(&self.0) as _
    }
}

impl Payer for Core {
    fn pay(self: Rc<Self>, bytes: u64) -> Result<(), Duration> {
        let replays = |open: &OpenStream| open.replays(bytes);
        let paid = self.open.borrow().as_ref().map_or(Ok(()), replays);
        if let Err(wait) = paid {
            let told = format!(
                "too much was sent again to your address; retry in {} ms",
                wait.as_millis()
            );
            let (code, reason) = (CloseCode::TRY_AGAIN_LATER, told.clone().into());
            Link(self).close(code, &told, CloseReason::Local { code, reason });
        }
        paid
    }

    fn end(self: Rc<Self>, ending: &Ending) {
        let link = Link(self);
        link.disconnect(ending.clone(), || link.fence());
    }

    #[cfg(feature = "inspector")]
    fn readings(&self) -> Option<std::sync::Arc<crate::progress::Readings>> {
        self.open.borrow().as_ref()?.readings()
    }

    fn joins(&self, set: &dyn Any) {
        if let Some(open) = &*self.open.borrow()
            && let (Some(everywhere), Some(set)) = (open.everywhere(), set.downcast_ref())
        {
            everywhere.knows(set);
        }
    }
}
