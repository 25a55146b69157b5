//! The executors of a worker, one for each type of future.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use super::Executor;

/// To be put into the app data of routes, on the thread of the worker that serves them.
#[derive(Clone, Default)]
pub(crate) struct Executors(Rc<RefCell<Vec<Box<dyn Any>>>>);

impl Executors {
    /// The one for these futures.
    pub(super) fn executor<F: 'static, W: 'static>(&self) -> Executor<F, W> {
        let mut executors = self.0.borrow_mut();
        if let Some(executor) =
            executors.iter().find_map(|executor| executor.downcast_ref::<Executor<F, W>>())
        {
            return executor.clone();
        }
        let executor = Executor::default();
        executors.push(Box::new(executor.clone()));
        executor
    }
}
