//! How what crosses `Backend` becomes fields, and what fields each function has.

use super::field::{FieldRef, Form, Kind};
use crate::backend::*;
use crate::error::IoReturn;
use crate::value::Value;
use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::time::Duration;

/// What is passed to a function.
pub(super) trait Input {
    const KIND: Kind;
    fn field(&self) -> FieldRef<'_>;
}

/// A place for what comes back.
pub(super) trait Output {
    const KIND: Kind;
    /// What is told of it beforehand.
    const CAPACITY: Option<Kind> = None;
    const SURPLUS: Surplus = Surplus::None;
    /// What is kept to see whether the function has written.
    type Kept;
    type Lent<'a>
    where
        Self: 'a;
    fn capacity(&self) -> Option<FieldRef<'_>> {
        None
    }
    fn keep(&mut self) -> Self::Kept;
    fn lend(&mut self) -> Self::Lent<'_>;
    /// What the function has written, if it has.
    fn written(&mut self, kept: Self::Kept, end: End) -> Option<Written<'_>>;
    /// How much there is of what comes back beside it.
    fn count(&self) -> Option<u64> {
        None
    }
}

/// How a call ended.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) success: bool,
    /// How much of a buffer it has filled, if it says so in an output of its own.
    pub(super) count: Option<u64>,
}

pub(super) struct Written<'a> {
    pub(super) field: FieldRef<'a>,
    /// How much there is, if that is more than fitted.
    pub(super) surplus: Option<u64>,
}

impl<'a> From<FieldRef<'a>> for Written<'a> {
    fn from(field: FieldRef<'a>) -> Self {
        Self { field, surplus: None }
    }
}

/// The name of what tells how many there are, if there are more than fit.
pub(super) enum Surplus {
    None,
    Count,
    Size,
}

/// What a function returns.
pub(super) trait Answer {
    const RETURNED: Option<Kind>;
    fn returned(&self) -> Option<FieldRef<'_>>;
}

const fn number(least: i128, most: i128) -> Kind {
    Kind::of(Form::Number { least, most })
}

pub(super) const PORT: Kind = Kind::of(Form::Port);
const C_STRING: Kind = Kind::of(Form::CString);
const VALUE: Kind = Kind::of(Form::Value);
const BYTES: Kind = Kind::of(Form::Bytes);
const WORDS: Kind = Kind::of(Form::Words { most: usize::MAX });
const ADDRESS: Kind = Kind::of(Form::Address);
const CAPACITY: Kind = Kind::of(Form::Capacity);
const COUNT: Kind = number(0, u64::MAX as i128);

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl Input for $type {
            const KIND: Kind = number(<$type>::MIN as i128, <$type>::MAX as i128);
            fn field(&self) -> FieldRef<'_> {
                FieldRef::Number(*self as i128)
            }
        }
    )*};
}
numbers!(u32 u64 i32 usize);

macro_rules! inputs {
    ($($type:ty: $it:ident => $kind:expr, $field:expr;)*) => {$(
        impl Input for $type {
            const KIND: Kind = $kind;
            fn field(&self) -> FieldRef<'_> {
                let $it = self;
                $field
            }
        }
    )*};
}
inputs! {
    &CStr: it => C_STRING, FieldRef::Text(it.to_bytes());
    &str: it => Kind::of(Form::String), FieldRef::Text(it.as_bytes());
    &Value: it => VALUE, FieldRef::Value(it);
    &[u8]: it => BYTES, FieldRef::Bytes(it);
    &[u64]: it => WORDS, FieldRef::Words(Cow::Borrowed(it));
    [usize; 6]: it => Kind::of(Form::Words { most: 6 }), FieldRef::Words(it.iter().map(|&it| it as u64).collect());
    *mut u8: it => ADDRESS, FieldRef::Address(it.addr() as u64);
    NotificationPortRef: it => ADDRESS, FieldRef::Address(it.0.get() as u64);
    MachTimespec: it => Kind::of(Form::Timespec), FieldRef::Timespec(*it);
    Duration: it => Kind::of(Form::Time), FieldRef::Time(*it);
    PortRight: it => Kind::of(Form::Right), FieldRef::Right(*it);
}

impl<T: Input> Input for Option<T> {
    const KIND: Kind = T::KIND.optional();
    fn field(&self) -> FieldRef<'_> {
        self.as_ref().map_or(FieldRef::Absent, T::field)
    }
}

macro_rules! outputs {
    ($($type:ty: $it:ident => $kind:expr, $field:expr, $count:expr;)*) => {$(
        /// It counts as written if the call succeeds, or if it is another than before.
        impl Output for &mut $type {
            const KIND: Kind = $kind;
            type Kept = $type;
            type Lent<'a> = &'a mut $type where Self: 'a;
            fn keep(&mut self) -> $type {
                self.clone()
            }
            fn lend(&mut self) -> &mut $type {
                self
            }
            fn written(&mut self, kept: $type, end: End) -> Option<Written<'_>> {
                let $it = &**self;
                (end.success || *$it != kept).then(|| $field.into())
            }
            fn count(&self) -> Option<u64> {
                let count: fn(&$type) -> Option<u64> = $count;
                count(self)
            }
        }
    )*};
}
outputs! {
    bool: it => Kind::of(Form::Bool), FieldRef::Bool(*it), |_| None;
    i32: it => <i32 as Input>::KIND, Input::field(it), |_| None;
    u32: it => <u32 as Input>::KIND, Input::field(it), |it| Some(u64::from(*it));
    u64: it => <u64 as Input>::KIND, Input::field(it), |_| None;
    *mut u8: it => ADDRESS, it.field(), |_| None;
    CString: it => C_STRING, FieldRef::Text(it.to_bytes()), |_| None;
    Option<Value>: it => VALUE.optional(), it.as_ref().map_or(FieldRef::Absent, FieldRef::Value), |_| None;
}

/// Every call sets it.
impl Output for &mut Vec<u8> {
    const KIND: Kind = BYTES;
    type Kept = ();
    type Lent<'a>
        = &'a mut Vec<u8>
    where
        Self: 'a;
    fn keep(&mut self) {}
    fn lend(&mut self) -> &mut Vec<u8> {
        self
    }
    fn written(&mut self, (): (), _: End) -> Option<Written<'_>> {
        Some(FieldRef::Bytes(self).into())
    }
}

/// The first `length` elements, or all.
fn first<T>(elements: &[T], length: u64) -> &[T] {
    &elements[..usize::try_from(length).unwrap_or(usize::MAX).min(elements.len())]
}

impl Output for &mut [u8] {
    const KIND: Kind = BYTES;
    const CAPACITY: Option<Kind> = Some(CAPACITY);
    type Kept = ();
    type Lent<'a>
        = &'a mut [u8]
    where
        Self: 'a;
    fn capacity(&self) -> Option<FieldRef<'_>> {
        Some(FieldRef::Capacity(Some(self.len() as u64)))
    }
    fn keep(&mut self) {}
    fn lend(&mut self) -> &mut [u8] {
        self
    }
    fn written(&mut self, (): (), end: End) -> Option<Written<'_>> {
        end.success.then(|| FieldRef::Bytes(first(self, end.count.unwrap_or(u64::MAX))).into())
    }
}

/// A count that no driver can return with an error (EM-9), to see whether one did.
const NOT_SCALARS: u32 = u32::MAX;

impl Output for Option<ScalarOutput<'_>> {
    const KIND: Kind = WORDS;
    const CAPACITY: Option<Kind> = Some(CAPACITY.optional());
    const SURPLUS: Surplus = Surplus::Count;
    type Kept = u32;
    type Lent<'a>
        = Option<ScalarOutput<'a>>
    where
        Self: 'a;
    fn capacity(&self) -> Option<FieldRef<'_>> {
        let capacity = |output: &ScalarOutput<'_>| FieldRef::Capacity(Some(output.buffer.len() as u64));
        Some(self.as_ref().map_or(FieldRef::Absent, capacity))
    }
    fn keep(&mut self) -> u32 {
        self.as_mut().map_or(0, |output| std::mem::replace(output.count, NOT_SCALARS))
    }
    fn lend(&mut self) -> Option<ScalarOutput<'_>> {
        self.as_mut().map(|output| ScalarOutput { buffer: output.buffer, count: output.count })
    }
    fn written(&mut self, kept: u32, end: End) -> Option<Written<'_>> {
        let ScalarOutput { buffer, count } = self.as_mut()?;
        if **count == NOT_SCALARS && !end.success {
            **count = kept;
            return None;
        }
        let count = u64::from(**count);
        let field = FieldRef::Words(Cow::Borrowed(first(buffer, count)));
        Some(Written { field, surplus: (count > buffer.len() as u64).then_some(count) })
    }
}

/// A size that no driver can return with an error (EM-9), to see whether one did. With success one can, by descriptor.
const NO_SIZE: usize = usize::MAX;

impl Output for Option<StructureOutput<'_>> {
    const KIND: Kind = BYTES;
    const CAPACITY: Option<Kind> = Some(CAPACITY.optional());
    const SURPLUS: Surplus = Surplus::Size;
    type Kept = usize;
    type Lent<'a>
        = Option<StructureOutput<'a>>
    where
        Self: 'a;
    fn capacity(&self) -> Option<FieldRef<'_>> {
        Some(match self {
            None => FieldRef::Absent,
            Some(StructureOutput::Buffer { bytes, .. }) => FieldRef::Capacity(Some(bytes.len() as u64)),
            Some(StructureOutput::Variable(_)) => FieldRef::Capacity(None),
        })
    }
    fn keep(&mut self) -> usize {
        match self {
            Some(StructureOutput::Buffer { size, .. }) => std::mem::replace(size, NO_SIZE),
            _ => 0,
        }
    }
    fn lend(&mut self) -> Option<StructureOutput<'_>> {
        self.as_mut().map(|output| match output {
            StructureOutput::Buffer { bytes, size } => StructureOutput::Buffer { bytes, size },
            StructureOutput::Variable(bytes) => StructureOutput::Variable(bytes),
        })
    }
    fn written(&mut self, kept: usize, end: End) -> Option<Written<'_>> {
        match self.as_mut()? {
            StructureOutput::Variable(bytes) => Some(FieldRef::Bytes(bytes).into()),
            StructureOutput::Buffer { size, .. } if **size == NO_SIZE && !end.success => {
                **size = kept;
                None
            }
            StructureOutput::Buffer { bytes, size } => {
                let size = **size as u64;
                let field = FieldRef::Bytes(first(bytes, size));
                Some(Written { field, surplus: (size > bytes.len() as u64).then_some(size) })
            }
        }
    }
}

fn text(text: Option<&[u8]>) -> FieldRef<'_> {
    text.map_or(FieldRef::Absent, FieldRef::Text)
}

macro_rules! answers {
    ($($type:ty: $it:ident => $kind:expr, $field:expr;)*) => {$(
        impl Answer for $type {
            const RETURNED: Option<Kind> = $kind;
            fn returned(&self) -> Option<FieldRef<'_>> {
                let $it = self;
                $field
            }
        }
    )*};
}
answers! {
    (): _it => None, None;
    IoReturn: it => Some(Kind::of(Form::Code)), Some(FieldRef::Code(*it));
    bool: it => Some(Kind::of(Form::Bool)), Some(FieldRef::Bool(*it));
    u32: it => Some(<u32 as Input>::KIND), Some(Input::field(it));
    Option<Value>: it => Some(VALUE.optional()), Some(it.as_ref().map_or(FieldRef::Absent, FieldRef::Value));
    Option<CString>: it => Some(C_STRING.optional()), Some(text(it.as_ref().map(|it| it.to_bytes())));
    Option<String>: it => Some(Kind::of(Form::String).optional()), Some(text(it.as_ref().map(|it| it.as_bytes())));
    Option<NotificationPortRef>: it => Some(ADDRESS.optional()), Some(Input::field(it));
}

/// A parameter of a function, as a trace has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) input: Option<Kind>,
    pub(super) output: Option<Kind>,
    /// What tells how much there is, if that is more than fitted.
    pub(super) surplus: Option<&'static str>,
}

/// The name of what lay in memory when it was mapped.
pub(super) const CONTENTS: &str = "contents";

macro_rules! signatures {
    (() $($variant:ident $(($c_name:literal))? [$($qualifier:tt)?] fn $function:ident(
        $($argument:ident: $mode:ident $type:ty),*
    ) -> $result_mode:ident $result:ty;)*) => {
        /// The parameters of a function, in order.
        pub(super) fn parameters(function: Function) -> &'static [Parameter] {
            match function {$(
                Function::$variant => const { &[$(signatures!(@parameter $mode $argument $type)),*] },
            )*}
        }

        /// What a function returns, if it returns anything.
        pub(super) fn result(function: Function) -> Option<Kind> {
            match function {$(
                Function::$variant => signatures!(@result $result_mode $result),
            )*}
        }
    };
    (@parameter port $argument:ident $type:ty) => {
        Parameter { name: stringify!($argument), input: Some(PORT), output: None, surplus: None }
    };
    (@parameter input $argument:ident $type:ty) => {
        Parameter { name: stringify!($argument), input: Some(<$type as Input>::KIND), output: None, surplus: None }
    };
    (@parameter out_port $argument:ident $type:ty) => {
        Parameter { name: stringify!($argument), input: None, output: Some(PORT), surplus: None }
    };
    (@parameter inout $argument:ident $type:ty) => {
        Parameter {
            name: stringify!($argument),
            input: Some(<$type as Output>::KIND),
            output: Some(<$type as Output>::KIND),
            surplus: None,
        }
    };
    (@parameter out $argument:ident $type:ty) => {
        Parameter {
            name: stringify!($argument),
            input: <$type as Output>::CAPACITY,
            output: Some(<$type as Output>::KIND),
            surplus: match <$type as Output>::SURPLUS {
                Surplus::None => None,
                Surplus::Count => Some(concat!(stringify!($argument), "_count")),
                Surplus::Size => Some(concat!(stringify!($argument), "_size")),
            },
        }
    };
    (@result port $result:ty) => { Some(PORT) };
    (@result $mode:ident $result:ty) => { <$result as Answer>::RETURNED };
}
calls!(signatures!());

/// What a function can have besides what it returns when it has ended: names and kinds, in order.
pub(super) fn outputs(function: Function) -> impl Iterator<Item = (&'static str, Kind)> {
    let contents = (function == Function::IOConnectMapMemory64).then_some((CONTENTS, BYTES));
    let written = |parameter: &'static Parameter| {
        let surplus = parameter.surplus.map(|name| (name, COUNT));
        parameter.output.map(|kind| (parameter.name, kind)).into_iter().chain(surplus)
    };
    parameters(function).iter().flat_map(written).chain(contents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_function_has_its_parameters_and_no_name_twice() {
        for &function in Function::ALL {
            let names: Vec<&str> = parameters(function).iter().map(|parameter| parameter.name).collect();
            assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "{function:?}");
            let outputs: Vec<&str> = outputs(function).map(|(name, _)| name).collect();
            assert_eq!(outputs.iter().collect::<HashSet<_>>().len(), outputs.len(), "{function:?}");
        }
        let names =
            |function| parameters(function).iter().map(|parameter| parameter.name).collect::<Vec<_>>();
        assert_eq!(names(Function::MachTaskSelf), [""; 0]);
        assert_eq!(names(Function::IOServiceOpen), ["service", "owning_task", "connection_type", "connect"]);
        let outputs: Vec<&str> = outputs(Function::IOConnectMapMemory64).map(|(name, _)| name).collect();
        assert_eq!(outputs, ["address", "size", "contents"]);
    }
}
