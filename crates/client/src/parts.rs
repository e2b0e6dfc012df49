//! Values kept by their type: what a mechanism or a kind keeps of an account, without the account knowing it.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// What each part of an account keeps while it is open, made when it is first asked for.
#[derive(Default)]
pub(crate) struct Parts(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Parts {
    /// The value of this type: the same for everybody who asks.
    pub(crate) fn get<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let mut parts = self.0.lock().expect("no panic while held");
        let part = parts.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        part.downcast().expect("it is kept under its type")
    }
}

/// Facts that are true only while something lasts, by their type.
#[derive(Default)]
pub(crate) struct Facts(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Facts {
    /// The facts of this type. `None` where nothing is known.
    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// The facts of this type, to be added to.
    pub(crate) fn of<T: Any + Send + Sync + Default>(&mut self) -> &mut T {
        let facts = self.0.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        facts.downcast_mut().expect("it is kept under its type")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_one_for_all_who_ask() {
        let parts = Parts::default();
        parts.get::<Mutex<Vec<u8>>>().lock().expect("no panic").push(1);
        parts.get::<Mutex<Vec<u8>>>().lock().expect("no panic").push(2);
        assert_eq!(*parts.get::<Mutex<Vec<u8>>>().lock().expect("no panic"), [1, 2]);
        assert!(parts.get::<Mutex<Vec<u16>>>().lock().expect("no panic").is_empty());
    }
}
