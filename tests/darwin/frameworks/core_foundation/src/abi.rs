//! The types of C that the headers use, by their names there.
//!
//! A pointer to an object is plain here: what it points to is looked up, never believed.

pub use crate::string::VaList;
pub use std::ffi::{c_char, c_double, c_int, c_long, c_uint, c_ulong, c_ushort, c_void};

/// An object of any class.
pub type CFTypeRef = *const c_void;

/// Names for pointers to objects, and for numbers.
macro_rules! names {
    ($($type:ty: $($name:ident)*;)*) => {$($(
        #[doc = concat!("`", stringify!($name), "`")]
        pub type $name = $type;
    )*)*};
}

names! {
    CFTypeRef:
        CFAllocatorRef CFNullRef CFStringRef CFMutableStringRef CFNumberRef CFBooleanRef CFDataRef CFMutableDataRef
        CFArrayRef CFMutableArrayRef CFSetRef CFMutableSetRef CFDictionaryRef CFMutableDictionaryRef CFPropertyListRef
        CFErrorRef CFErrorDomain CFURLRef CFUUIDRef CFDateRef CFReadStreamRef CFWriteStreamRef CFStreamPropertyKey
        CFRunLoopRef CFRunLoopMode CFRunLoopSourceRef CFRunLoopTimerRef CFRunLoopObserverRef CFLocaleRef;
    u8: Boolean UInt8;
    u16: UInt16 UniChar UTF16Char;
    i16: SInt16;
    u32: UInt32 CFStringEncoding UTF32Char;
    i32: SInt32 OSStatus CFRunLoopRunResult;
    u64: UInt64;
    i64: SInt64;
    isize:
        CFIndex CFComparisonResult CFNumberType CFPropertyListFormat CFURLPathStyle CFStreamStatus;
    usize:
        CFTypeID CFHashCode CFOptionFlags CFStringCompareFlags CFPropertyListMutabilityOptions CFRunLoopActivity
        CFDataSearchFlags;
    f64: CFTimeInterval CFAbsoluteTime;
}

/// `CFRange`
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CFRange {
    pub location: CFIndex,
    pub length: CFIndex,
}

/// Functions of the program, and of this crate where the program is given some. They may unwind: a program in C++ throws.
macro_rules! functions {
    ($($name:ident($($argument:ty),*) $(-> $result:ty)?;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        pub type $name = Option<unsafe extern "C-unwind" fn($($argument),*) $(-> $result)?>;
    )*};
}

functions! {
    CFArrayRetainCallBack(CFAllocatorRef, *const c_void) -> *const c_void;
    CFArrayReleaseCallBack(CFAllocatorRef, *const c_void);
    CFArrayCopyDescriptionCallBack(*const c_void) -> CFStringRef;
    CFArrayEqualCallBack(*const c_void, *const c_void) -> Boolean;
    CFArrayApplierFunction(*const c_void, *mut c_void);
    CFSetHashCallBack(*const c_void) -> CFHashCode;
    CFSetApplierFunction(*const c_void, *mut c_void);
    CFDictionaryApplierFunction(*const c_void, *const c_void, *mut c_void);
    CFComparatorFunction(*const c_void, *const c_void, *mut c_void) -> CFComparisonResult;

    CFAllocatorRetainCallBack(*const c_void) -> *const c_void;
    CFAllocatorReleaseCallBack(*const c_void);
    CFAllocatorCopyDescriptionCallBack(*const c_void) -> CFStringRef;
    CFAllocatorAllocateCallBack(CFIndex, CFOptionFlags, *mut c_void) -> *mut c_void;
    CFAllocatorReallocateCallBack(*mut c_void, CFIndex, CFOptionFlags, *mut c_void) -> *mut c_void;
    CFAllocatorDeallocateCallBack(*mut c_void, *mut c_void);
    CFAllocatorPreferredSizeCallBack(CFIndex, CFOptionFlags, *mut c_void) -> CFIndex;

    ContextRetain(*const c_void) -> *const c_void;
    ContextRelease(*const c_void);
    ContextCopyDescription(*const c_void) -> CFStringRef;
    ContextEqual(*const c_void, *const c_void) -> Boolean;
    ContextHash(*const c_void) -> CFHashCode;
    SourceSchedule(*mut c_void, CFRunLoopRef, CFRunLoopMode);
    SourcePerform(*mut c_void);
    SourceGetPort(*mut c_void) -> u32;
    SourcePerformMessage(*mut c_void, CFIndex, CFAllocatorRef, *mut c_void) -> *mut c_void;
    CFRunLoopTimerCallBack(CFRunLoopTimerRef, *mut c_void);
    CFRunLoopObserverCallBack(CFRunLoopObserverRef, CFRunLoopActivity, *mut c_void);
}

/// A struct of C.
macro_rules! structs {
    ($($name:ident { $($field:ident: $type:ty,)* })*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        #[repr(C)]
        #[derive(Clone, Copy)]
        #[allow(missing_docs, non_snake_case)]
        pub struct $name { $(pub $field: $type,)* }
    )*};
}

structs! {
    CFArrayCallBacks {
        version: CFIndex,
        retain: CFArrayRetainCallBack,
        release: CFArrayReleaseCallBack,
        copyDescription: CFArrayCopyDescriptionCallBack,
        equal: CFArrayEqualCallBack,
    }
    CFSetCallBacks {
        version: CFIndex,
        retain: CFArrayRetainCallBack,
        release: CFArrayReleaseCallBack,
        copyDescription: CFArrayCopyDescriptionCallBack,
        equal: CFArrayEqualCallBack,
        hash: CFSetHashCallBack,
    }
    CFDictionaryKeyCallBacks {
        version: CFIndex,
        retain: CFArrayRetainCallBack,
        release: CFArrayReleaseCallBack,
        copyDescription: CFArrayCopyDescriptionCallBack,
        equal: CFArrayEqualCallBack,
        hash: CFSetHashCallBack,
    }
    CFDictionaryValueCallBacks {
        version: CFIndex,
        retain: CFArrayRetainCallBack,
        release: CFArrayReleaseCallBack,
        copyDescription: CFArrayCopyDescriptionCallBack,
        equal: CFArrayEqualCallBack,
    }
    CFAllocatorContext {
        version: CFIndex,
        info: *mut c_void,
        retain: CFAllocatorRetainCallBack,
        release: CFAllocatorReleaseCallBack,
        copyDescription: CFAllocatorCopyDescriptionCallBack,
        allocate: CFAllocatorAllocateCallBack,
        reallocate: CFAllocatorReallocateCallBack,
        deallocate: CFAllocatorDeallocateCallBack,
        preferredSize: CFAllocatorPreferredSizeCallBack,
    }
    CFRunLoopSourceContext {
        version: CFIndex,
        info: *mut c_void,
        retain: ContextRetain,
        release: ContextRelease,
        copyDescription: ContextCopyDescription,
        equal: ContextEqual,
        hash: ContextHash,
        schedule: SourceSchedule,
        cancel: SourceSchedule,
        perform: SourcePerform,
    }
    CFRunLoopSourceContext1 {
        version: CFIndex,
        info: *mut c_void,
        retain: ContextRetain,
        release: ContextRelease,
        copyDescription: ContextCopyDescription,
        equal: ContextEqual,
        hash: ContextHash,
        getPort: SourceGetPort,
        perform: SourcePerformMessage,
    }
    CFRunLoopTimerContext {
        version: CFIndex,
        info: *mut c_void,
        retain: ContextRetain,
        release: ContextRelease,
        copyDescription: ContextCopyDescription,
    }
    CFRunLoopObserverContext {
        version: CFIndex,
        info: *mut c_void,
        retain: ContextRetain,
        release: ContextRelease,
        copyDescription: ContextCopyDescription,
    }
    CFUUIDBytes {
        byte0: UInt8, byte1: UInt8, byte2: UInt8, byte3: UInt8, byte4: UInt8, byte5: UInt8, byte6: UInt8, byte7: UInt8,
        byte8: UInt8, byte9: UInt8, byte10: UInt8, byte11: UInt8, byte12: UInt8, byte13: UInt8, byte14: UInt8,
        byte15: UInt8,
    }
}

/// A pointer that is the program's: kept and handed back, of no meaning here.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opaque(pub(crate) *const c_void);

// SAFETY: it is not followed, and what the program does with it on which thread is the program's business.
unsafe impl Send for Opaque {}
// SAFETY: as above.
unsafe impl Sync for Opaque {}

impl Opaque {
    pub(crate) fn get(self) -> *const c_void {
        self.0
    }

    pub(crate) fn get_mut(self) -> *mut c_void {
        self.0.cast_mut()
    }
}

/// `va_list`
#[allow(non_camel_case_types)]
pub type va_list = *mut VaList;
