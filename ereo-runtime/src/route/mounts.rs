//! Places at which routes are served, so that none is served once more outside of what guards its group.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use actix_web::dev::AppService;

use super::entry::RouteEntry;
use super::routes::Routes;
use crate::sync::{Mutex, lock};

type Place = &'static Location<'static>;

/// How routes were chosen last: by the name of their group, or as part of more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// `routes()`, whatever was left out since.
    Among(Place),
    /// `Routes::group`.
    ByGroup(Place),
}

/// Where each route that has a group is served.
#[derive(Debug, Clone, Default)]
pub(super) struct Mounts {
    groups: Arc<Mutex<BTreeMap<Route, Mounted>>>,
    #[cfg(feature = "inspector")]
    served: Served,
}

/// All routes that an application serves, also those that it is given later.
#[cfg(feature = "inspector")]
#[derive(Debug, Clone, Default)]
pub(crate) struct Served(Arc<Mutex<Vec<Routes>>>);

#[cfg(feature = "inspector")]
impl Served {
    /// Those of the application that is being configured.
    pub(crate) fn by(config: &AppService) -> Self {
        of_application(config).served
    }

    pub(crate) fn routes(&self) -> Vec<Routes> {
        lock(&self.0).clone()
    }
}

/// A route's file, line and function: an order that is no linker's.
type Route = (&'static str, u32, &'static str);

#[derive(Debug, Default)]
struct Mounted {
    apart: Option<Place>,
    among: Option<Place>,
}

thread_local! {
    /// The application that was configured last on this thread, known by its default service, and what it
    /// serves. actix configures one after the other, each in one go.
    static APPLICATION: RefCell<Option<(Weak<dyn Any>, Mounts)>> = const { RefCell::new(None) };
}

/// Notes that the application that is being configured serves `routes`.
///
/// # Errors
/// When one of them is now served with its group and also with others, here or, from the same call of
/// `routes()`, in another application.
pub(super) fn note(routes: &Routes, config: &AppService) -> Result<(), ServedTwice> {
    let here = of_application(config);
    here.add(routes)?;
    #[cfg(feature = "inspector")]
    lock(&here.served.0).push(routes.clone());
    routes.mounts.add(routes)
}

fn of_application(config: &AppService) -> Mounts {
    let application: Rc<dyn Any> = config.default_service();
    APPLICATION.with_borrow_mut(|latest| {
        if let Some((known, mounts)) = latest
            && std::ptr::addr_eq(known.as_ptr(), Rc::as_ptr(&application))
        {
            return mounts.clone();
        }
        let (_, mounts) = latest.insert((Rc::downgrade(&application), Mounts::default()));
        mounts.clone()
    })
}

impl Mounts {
    fn add(&self, routes: &Routes) -> Result<(), ServedTwice> {
        let mut mounts = lock(&self.groups);
        let mut twice = Vec::new();
        for entry in routes.entries.iter().copied().filter(|entry| entry.group.is_some()) {
            let mounted = mounts.entry((entry.file, entry.line, entry.handler)).or_default();
            match routes.chosen {
                Chosen::Among(place) => mounted.among = Some(place),
                Chosen::ByGroup(place) => mounted.apart = Some(place),
            }
            if let (Some(apart), Some(among)) = (mounted.apart, mounted.among) {
                twice.push(Twice { entry, apart, among });
            }
        }
        if twice.is_empty() { Ok(()) } else { Err(ServedTwice(twice)) }
    }
}

/// Routes that are served apart, with their group, and a second time among others.
#[derive(Debug)]
pub(super) struct ServedTwice(Vec<Twice>);

#[derive(Debug)]
struct Twice {
    entry: &'static RouteEntry,
    apart: Place,
    among: Place,
}

impl std::error::Error for ServedTwice {}

impl fmt::Display for ServedTwice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a group's routes are served a second time, outside of what stands before the group; \
             leave groups out of the other ones with `.ungrouped()`"
        )?;
        for Twice { entry, apart, among } in &self.0 {
            let RouteEntry { pattern, handler, file, line, group, .. } = entry;
            let (method, group) = (entry.endpoint.method(), group.unwrap_or_default());
            write!(
                f,
                "\n  {method} {pattern} ({handler} at {file}:{line}): by `.group({group:?})` at {apart}, \
                 and by `routes()` at {among}"
            )?;
        }
        Ok(())
    }
}
