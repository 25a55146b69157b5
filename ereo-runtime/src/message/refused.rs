//! What generated code calls where serde's derive has refused the type: serde tells why, and nothing
//! else fails because of it.

use std::marker::PhantomData;

use serde::{Deserializer, Serialize, Serializer};

use super::derived::{Derived, derived};

/// Every type's, behind functions of its own.
pub trait RefusedBySerde {
    /// Stands for what serde writes into a twin of the type (`ereo-macros`, `serde_derive.rs`).
    ///
    /// # Errors
    /// None: what does not compile is not called.
    fn serialize<T: ?Sized, S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
        unreachable!("what does not compile is not called")
    }

    /// The same of `Deserialize`.
    ///
    /// # Errors
    /// None: what does not compile is not called.
    fn deserialize<'de, T, D: Deserializer<'de>>(_: D) -> Result<T, D::Error> {
        unreachable!("what does not compile is not called")
    }

    /// Stands for [`Perhaps::derived`].
    fn derived<T: ?Sized>(_: &T) -> Derived<'_, T> {
        unreachable!("what does not compile is not called")
    }
}

impl<T: ?Sized> RefusedBySerde for T {}

/// A type whose attributes look as if serde refused them. If it does not, the message is as any other.
#[derive(Debug)]
pub struct Perhaps<T: ?Sized>(PhantomData<T>);

impl<T: Serialize + ?Sized> Perhaps<T> {
    /// Takes the message.
    pub fn derived(value: &T) -> Derived<'_, T> {
        derived(value)
    }
}
