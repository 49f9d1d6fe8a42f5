//! What a replayed call writes, and returns.

use crate::backend::{NotificationPortRef, ScalarOutput, StructureOutput};
use crate::error::IoReturn;
use crate::trace::Field;
use crate::value::Value;
use std::ffi::CString;
use std::num::NonZeroUsize;
use std::ptr::NonNull;

/// What comes back of a call, by its outputs; `""` for what is returned.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// The call of the trace that answers.
    pub(super) call: Option<usize>,
    fields: Vec<(&'static str, Field)>,
    /// The first output that did not fit.
    unfit: Option<Unfit>,
    /// Where memory was mapped: as a pointer, so that it may be used as one.
    mapped: Option<NonNull<u8>>,
}

/// An output whose field is missing, or of another kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unfit(pub(super) &'static str);

impl Answers {
    pub(super) fn of(code: IoReturn) -> Self {
        Self::default().with("", Field::Code(code))
    }

    /// Those of a call of the trace, and where it has mapped memory.
    pub(super) fn of_trace(call: usize, mapped: Option<NonNull<u8>>) -> Self {
        Self { call: Some(call), mapped, ..Self::default() }
    }

    pub(super) fn with(mut self, output: &'static str, field: Field) -> Self {
        self.push(output, field);
        self
    }

    pub(super) fn push(&mut self, output: &'static str, field: Field) {
        self.fields.push((output, field));
    }

    fn take(&mut self, output: &str) -> Option<Field> {
        let place = self.fields.iter().position(|(its, _)| *its == output)?;
        Some(self.fields.swap_remove(place).1)
    }

    /// Writes an output, if the call has written it. `surplus` are the names of what says how much there is if that is more than
    /// fits.
    pub(super) fn write(&mut self, output: &'static str, surplus: &[&str], place: &mut impl Place) {
        let Some(field) = self.take(output) else { return };
        let surplus = surplus.iter().find_map(|surplus| self.take(surplus));
        let put = match surplus {
            None => place.put(field, None, self.mapped),
            Some(Field::Number(count)) => {
                u64::try_from(count).ok().and_then(|count| place.put(field, Some(count), self.mapped))
            }
            Some(_) => None,
        };
        if put.is_none() {
            self.unfit.get_or_insert(Unfit(output));
        }
    }

    /// What is returned, if all outputs fitted.
    pub(super) fn returned<T: Returned>(&mut self) -> Result<T, Unfit> {
        match self.unfit {
            Some(unfit) => Err(unfit),
            None => T::from(self.take("")).ok_or(Unfit("")),
        }
    }
}

/// A place for an output. None if the field does not fit.
pub(super) trait Place {
    fn put(&mut self, field: Field, surplus: Option<u64>, mapped: Option<NonNull<u8>>) -> Option<()>;
}

/// What a function returns.
pub(super) trait Returned: Sized {
    fn from(field: Option<Field>) -> Option<Self>;
    /// For a call that has no answer.
    fn none() -> Self;
}

macro_rules! places {
    ($($type:ty: $field:pat => $value:expr;)*) => {$(
        impl Place for &mut $type {
            fn put(&mut self, field: Field, _: Option<u64>, _: Option<NonNull<u8>>) -> Option<()> {
                let $field = field else { return None };
                **self = $value;
                Some(())
            }
        }
    )*};
}
places! {
    bool: Field::Bool(boolean) => boolean;
    i32: Field::Number(number) => number.try_into().ok()?;
    u64: Field::Number(number) => number.try_into().ok()?;
    CString: Field::Text(text) => CString::new(text).ok()?;
    Vec<u8>: Field::Bytes(bytes) => bytes;
}

impl Place for &mut u32 {
    fn put(&mut self, field: Field, _: Option<u64>, _: Option<NonNull<u8>>) -> Option<()> {
        **self = match field {
            Field::Number(number) => number.try_into().ok()?,
            Field::Port(name) => name,
            _ => return None,
        };
        Some(())
    }
}

impl Place for &mut Option<Value> {
    fn put(&mut self, field: Field, _: Option<u64>, _: Option<NonNull<u8>>) -> Option<()> {
        **self = match field {
            Field::Value(value) => Some(value),
            Field::Absent => None,
            _ => return None,
        };
        Some(())
    }
}

impl Place for &mut *mut u8 {
    fn put(&mut self, _: Field, _: Option<u64>, mapped: Option<NonNull<u8>>) -> Option<()> {
        // A call that fails may write another address than the one that it was given, which leads nowhere here.
        if let Some(mapped) = mapped {
            **self = mapped.as_ptr();
        }
        Some(())
    }
}

/// As many elements as there are and fit.
fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    let count = to.len().min(from.len());
    to[..count].copy_from_slice(&from[..count]);
}

impl Place for &mut [u8] {
    fn put(&mut self, field: Field, _: Option<u64>, _: Option<NonNull<u8>>) -> Option<()> {
        let Field::Bytes(bytes) = field else { return None };
        copy(self, &bytes);
        Some(())
    }
}

impl Place for Option<ScalarOutput<'_>> {
    fn put(&mut self, field: Field, surplus: Option<u64>, _: Option<NonNull<u8>>) -> Option<()> {
        let (Field::Words(words), Some(ScalarOutput { buffer, count })) = (field, self) else { return None };
        copy(buffer, &words);
        **count = surplus.unwrap_or(words.len() as u64).try_into().ok()?;
        Some(())
    }
}

impl Place for Option<StructureOutput<'_>> {
    fn put(&mut self, field: Field, surplus: Option<u64>, _: Option<NonNull<u8>>) -> Option<()> {
        let Field::Bytes(answer) = field else { return None };
        match self.as_mut()? {
            StructureOutput::Variable(bytes) => **bytes = answer,
            StructureOutput::Buffer { bytes, size } => {
                copy(bytes, &answer);
                **size = surplus.unwrap_or(answer.len() as u64).try_into().ok()?;
            }
        }
        Some(())
    }
}

macro_rules! returned {
    ($($type:ty: $field:ident => $value:expr, or $none:expr;)*) => {$(
        impl Returned for $type {
            fn from(field: Option<Field>) -> Option<Self> {
                let $field = field?;
                $value
            }
            fn none() -> Self {
                $none
            }
        }
    )*};
}
impl Returned for () {
    fn from(_: Option<Field>) -> Option<()> {
        Some(())
    }
    fn none() {}
}

returned! {
    IoReturn: field => match field {
        Field::Code(code) => Some(code),
        _ => None,
    }, or IoReturn::REPLAY_DIVERGED;
    bool: field => match field {
        Field::Bool(boolean) => Some(boolean),
        _ => None,
    }, or false;
    u32: field => match field {
        Field::Number(number) => number.try_into().ok(),
        Field::Port(name) => Some(name),
        _ => None,
    }, or 0;
    Option<Value>: field => optional(field, |field| match field {
        Field::Value(value) => Some(value),
        _ => None,
    }), or None;
    Option<CString>: field => optional(field, |field| match field {
        Field::Text(text) => CString::new(text).ok(),
        _ => None,
    }), or None;
    Option<String>: field => optional(field, |field| match field {
        Field::Text(text) => String::from_utf8(text).ok(),
        _ => None,
    }), or None;
    Option<NotificationPortRef>: field => optional(field, |field| match field {
        Field::Address(address) => NonZeroUsize::new(address.try_into().ok()?).map(NotificationPortRef),
        _ => None,
    }), or None;
}

fn optional<T>(field: Field, read: impl FnOnce(Field) -> Option<T>) -> Option<Option<T>> {
    if field == Field::Absent { Some(None) } else { read(field).map(Some) }
}
