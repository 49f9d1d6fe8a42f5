//! CoreFoundation, as far as I/O Kit programs use it.
//!
//! The functions are declared in `tests/darwin/include/CoreFoundation`, from which the functions that programs call are
//! generated. These keep account of the program's references and call the ones of the same names that are here.

#![allow(non_snake_case, non_upper_case_globals)]

pub mod abi;
mod allocator;
mod array;
mod base;
mod boolean;
mod callbacks;
mod constant;
mod data;
mod date;
mod dictionary;
mod error;
mod hashed;
mod memory;
mod null;
mod number;
mod object;
pub mod ownership;
mod property_list;
mod range;
pub mod run_loop;
mod set;
mod stream;
mod string;
mod url;
mod uuid;
mod value;

pub use string::{Encoding, Order};
pub use value::{from_value, to_value};

use abi::CFTypeRef;
use darwin_loader::Export;
use object::{Class, lookup, make};
use std::ptr;
use std::sync::Once;
use string::Text;

/// What the generated functions call.
mod c {
    pub(crate) use crate::allocator::*;
    pub(crate) use crate::array::*;
    pub(crate) use crate::base::*;
    pub(crate) use crate::boolean::*;
    pub(crate) use crate::callbacks::*;
    pub(crate) use crate::data::*;
    pub(crate) use crate::date::*;
    pub(crate) use crate::dictionary::*;
    pub(crate) use crate::error::*;
    pub(crate) use crate::null::*;
    pub(crate) use crate::number::*;
    pub(crate) use crate::property_list::*;
    pub(crate) use crate::run_loop::*;
    pub(crate) use crate::set::*;
    pub(crate) use crate::stream::*;
    pub(crate) use crate::string::*;
    pub(crate) use crate::url::*;
    pub(crate) use crate::uuid::*;
}

/// The functions that programs call, made of the headers.
#[allow(unreachable_pub)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/exports.rs"));
}

/// What programs can import.
pub fn exports() -> Vec<Export> {
    let mut exports = generated::exports();
    // Of no header: compilers know it.
    exports.push(Export::variable("__CFConstantStringClassReference", &string::CLASS_REFERENCE));
    exports
}

/// Makes the objects that never die, before a program runs.
pub fn init() {
    static INIT: Once = Once::new();
    INIT.call_once(|| {
        allocator::init();
        null::init();
        boolean::init();
        number::init();
        error::init();
        stream::init();
        run_loop::init();
    });
}

fn classes() -> impl Iterator<Item = &'static Class> {
    [
        &allocator::CLASS,
        &array::CLASS,
        &boolean::CLASS,
        &data::CLASS,
        &date::CLASS,
        &dictionary::CLASS,
        &error::CLASS,
        &null::CLASS,
        &number::CLASS,
        &run_loop::CLASS,
        &run_loop::OBSERVER_CLASS,
        &run_loop::SOURCE_CLASS,
        &run_loop::TIMER_CLASS,
        &set::CLASS,
        &stream::READ_CLASS,
        &stream::WRITE_CLASS,
        &string::CLASS,
        &url::CLASS,
        &uuid::CLASS,
    ]
    .into_iter()
}

/// A new string, with a reference for the caller.
pub fn string(text: &str) -> CFTypeRef {
    make(ptr::null(), Text::new(text))
}

/// A new string of bytes in an encoding, with a reference for the caller. Null if they are not in this encoding.
pub fn string_of_bytes(bytes: &[u8], encoding: Encoding) -> CFTypeRef {
    encoding.decode(bytes, false).map_or(ptr::null(), |units| make(ptr::null(), Text::of_units(units)))
}

/// The text of a string. None if the object is not one.
pub fn text(object: CFTypeRef) -> Option<String> {
    lookup(object).ok()?.downcast::<Text>().map(Text::to_string_lossy)
}

/// The text of a string in an encoding. None if the object is not one, or the encoding lacks some of it.
pub fn bytes(object: CFTypeRef, encoding: Encoding) -> Option<Vec<u8>> {
    let units = lookup(object).ok()?.downcast::<Text>()?.units();
    let (done, bytes) = encoding.encode(&units, false, 0, usize::MAX);
    (done == units.len()).then_some(bytes)
}

#[cfg(test)]
mod tests;
