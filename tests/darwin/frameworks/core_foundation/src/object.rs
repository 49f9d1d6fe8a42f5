//! Objects: what the program's pointers stand for.
//!
//! A pointer from the program is looked up by its address and never followed, so that one to a dead object, or to
//! anything else, can be named. The addresses of dead objects are not given to others.

use crate::abi::{CFTypeID, CFTypeRef};
use crate::allocator;
use crate::ownership::{self, Hold, References};
use darwin_calls::{Call, misuse};
use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::Deref;
use std::ptr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What a class is called, and its number.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) id: CFTypeID,
}

/// What an object of one class holds.
pub(crate) trait Contents: Any + Send + Sync {
    fn class(&self) -> &'static Class;

    /// Whether `other`, of the same class, is equal. An object is equal to itself without being asked.
    fn equal(&self, _other: &Object) -> bool {
        false
    }

    /// Equal objects have equal ones. None: the object's address.
    fn hash(&self) -> Option<usize> {
        None
    }

    /// What `CFCopyDescription` says between its braces.
    fn description(&self) -> String {
        String::new()
    }

    /// What `%@` prints, if that is not the description.
    fn formatted(&self) -> Option<String> {
        None
    }

    /// A few words for reports, to tell this object from others.
    fn summary(&self) -> String {
        String::new()
    }

    /// The last reference is gone: gives up what the object has of the program's.
    fn dismantle(&self) {}
}

/// A class's contents.
pub(crate) trait Kind: Contents + Sized {
    const CLASS: &'static Class;
}

pub(crate) struct Object {
    address: usize,
    contents: Box<dyn Contents>,
    /// The program's allocator that it was made with.
    allocator: Option<Hold>,
    made: Call,
    pub(crate) references: References,
}

/// What is at an object's address, and stays there. Objective-C expects a pointer to the class.
#[repr(C, align(16))]
struct Head {
    class: &'static Class,
}

/// What has been at an address since the process began.
enum Record {
    Alive(Arc<Object>),
    Dead(Box<Obituary>),
}

struct Obituary {
    class: &'static Class,
    made: Call,
    released: Option<Call>,
}

static TABLE: RwLock<Option<HashMap<usize, Record>>> = RwLock::new(None);

type Table = Option<HashMap<usize, Record>>;

fn table() -> RwLockReadGuard<'static, Table> {
    TABLE.read().unwrap_or_else(PoisonError::into_inner)
}

fn table_mut() -> RwLockWriteGuard<'static, Table> {
    TABLE.write().unwrap_or_else(PoisonError::into_inner)
}

impl Object {
    /// Makes an object, with one reference that is not the program's.
    pub(crate) fn new(contents: impl Contents, allocator: Option<Hold>) -> Arc<Object> {
        let head: &'static Head = Box::leak(Box::new(Head { class: contents.class() }));
        Self::at(ptr::from_ref(head).expose_provenance(), contents, allocator, References::one())
    }

    /// Makes an object that never dies.
    pub(crate) fn immortal(contents: impl Contents) -> Arc<Object> {
        let head: &'static Head = Box::leak(Box::new(Head { class: contents.class() }));
        Self::immortal_at(ptr::from_ref(head).expose_provenance(), contents)
    }

    /// Makes an object that never dies of what is at `address`.
    pub(crate) fn immortal_at(address: usize, contents: impl Contents) -> Arc<Object> {
        Self::at(address, contents, None, References::immortal())
    }

    fn at(
        address: usize,
        contents: impl Contents,
        allocator: Option<Hold>,
        references: References,
    ) -> Arc<Object> {
        let contents = Box::new(contents);
        let made = darwin_calls::current();
        let object = Arc::new(Object { address, contents, allocator, made, references });
        let mut table = table_mut();
        // Another thread may have found the same constant of the program's just now.
        match table.get_or_insert_default().entry(address).or_insert_with(|| Record::Alive(object.clone())) {
            Record::Alive(there) => there.clone(),
            Record::Dead(_) => unreachable!("the addresses of dead objects are not used again"),
        }
    }

    pub(crate) fn reference(&self) -> CFTypeRef {
        ptr::with_exposed_provenance(self.address)
    }

    pub(crate) fn class(&self) -> &'static Class {
        self.contents.class()
    }

    pub(crate) fn contents(&self) -> &dyn Contents {
        &*self.contents
    }

    pub(crate) fn downcast<T: Kind>(&self) -> Option<&T> {
        let contents: &dyn Any = &*self.contents;
        contents.downcast_ref()
    }

    pub(crate) fn allocator(&self) -> Option<&Hold> {
        self.allocator.as_ref()
    }

    pub(crate) fn made(&self) -> Call {
        self.made
    }

    pub(crate) fn equal(&self, other: &Object) -> bool {
        self.address == other.address || (self.class().id == other.class().id && self.contents.equal(other))
    }

    pub(crate) fn hash(&self) -> usize {
        self.contents.hash().unwrap_or(self.address)
    }

    pub(crate) fn description(&self) -> String {
        let allocator = self.allocator.as_ref().map_or_else(allocator::system_default, Hold::reference);
        let (name, address) = (self.class().name, self.address);
        format!("<{name} {address:#x} [{allocator:p}]>{{{}}}", self.contents.description())
    }

    /// The last reference is gone.
    pub(crate) fn die(&self, released: Option<Call>) {
        let obituary = Box::new(Obituary { class: self.class(), made: self.made, released });
        let alive = table_mut().get_or_insert_default().insert(self.address, Record::Dead(obituary));
        self.contents.dismantle();
        drop(alive);
    }
}

/// Its class and what tells it from others: `CFString "abc"`.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.class().name)?;
        let summary = self.contents.summary();
        if summary.is_empty() { Ok(()) } else { write!(f, " {summary}") }
    }
}

/// All objects that live, in the order of their addresses.
pub(crate) fn alive() -> Vec<Arc<Object>> {
    let alive = |record: &Record| match record {
        Record::Alive(object) => Some(object.clone()),
        Record::Dead(_) => None,
    };
    let mut objects: Vec<_> = table().iter().flat_map(HashMap::values).filter_map(alive).collect();
    objects.sort_by_key(|object| object.address);
    objects
}

/// The object that a pointer of the program stands for; ends the process if there is none.
pub(crate) fn find(reference: CFTypeRef) -> Arc<Object> {
    match lookup(reference) {
        Ok(object) => object,
        Err(Some(obituary)) => misuse(format_args!("used after its last release: {obituary}")),
        Err(None) if reference.is_null() => misuse("a null pointer was given for an object"),
        Err(None) => misuse(format_args!("{reference:p} was given for an object, and is none")),
    }
}

/// The object at an address, or what is known of the one that was there.
pub(crate) fn lookup(reference: CFTypeRef) -> Result<Arc<Object>, Option<String>> {
    let address = reference.addr();
    match table().as_ref().and_then(|table| table.get(&address)) {
        Some(Record::Alive(object)) => return Ok(object.clone()),
        Some(Record::Dead(obituary)) => return Err(Some(obituary.to_string())),
        None => {}
    }
    crate::string::constant(address).ok_or(None)
}

impl fmt::Display for Obituary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} made by {}", self.class.name, self.made)?;
        match &self.released {
            Some(call) => write!(f, ", last released by {call}"),
            None => Ok(()),
        }
    }
}

/// An object of class `T`.
pub(crate) struct Of<T> {
    object: Arc<Object>,
    class: PhantomData<fn() -> T>,
}

impl<T: Kind> Of<T> {
    /// None if it is of another class.
    pub(crate) fn cast(object: Arc<Object>) -> Option<Self> {
        object.downcast::<T>()?;
        Some(Self { object, class: PhantomData })
    }
}

impl<T> Of<T> {
    pub(crate) fn object(&self) -> &Arc<Object> {
        &self.object
    }
}

impl<T: Kind> Deref for Of<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.object.downcast().expect("the class does not change")
    }
}

/// The object that a pointer of the program stands for; ends the process if it is none of class `T`.
pub(crate) fn of<T: Kind>(reference: CFTypeRef) -> Of<T> {
    let object = find(reference);
    if object.downcast::<T>().is_none() {
        let origin = ownership::origin(&object);
        misuse(format_args!("{object} was given for a {}{origin}", T::CLASS.name))
    }
    Of { object, class: PhantomData }
}

/// Makes an object for the program, as `allocator` says: null if that allocates nothing.
pub(crate) fn make(allocator: crate::abi::CFAllocatorRef, contents: impl Contents) -> CFTypeRef {
    let allocator = match allocator::of_new_objects(allocator) {
        allocator::Choice::Default => None,
        allocator::Choice::Nothing => {
            contents.dismantle();
            return ptr::null();
        }
        allocator::Choice::Own(hold) => Some(hold),
    };
    // The caller's reference, which it passes on or gives up.
    Object::new(contents, allocator).reference()
}

const _: () = assert!(mem::size_of::<Head>() == 16);
