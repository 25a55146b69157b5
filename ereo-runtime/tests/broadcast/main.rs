//! The broadcaster through its public API.

mod age;
mod bounds;
mod clients;
mod composed;
mod encoding;
mod ephemeral;
mod event_names;
mod expiring;
mod faults;
mod lag;
mod presence;
mod present_in_several;
mod receipts;
mod reentry;
mod resume;
mod rooms;
mod stats;
mod support;
mod threads;
mod views;
