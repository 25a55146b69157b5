//! The hubs of a worker, one for each type of future.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::Hub;

/// To be put into the app data of routes, on the thread of the worker that serves them.
#[derive(Clone, Default)]
pub(crate) struct Hubs(Rc<RefCell<Vec<Box<dyn Any>>>>);

impl Hubs {
    /// The one for these futures.
    pub(super) fn hub<F: 'static, W: 'static>(&self) -> Hub<F, W> {
        let mut hubs = self.0.borrow_mut();
        if let Some(hub) = hubs.iter().find_map(|hub| hub.downcast_ref::<Hub<F, W>>()) {
            return hub.clone();
        }
        let hub = Hub::default();
        hubs.push(Box::new(hub.clone()));
        hub
    }
}
