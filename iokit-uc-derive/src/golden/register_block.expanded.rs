#[automatically_derived]
#[allow(clippy::undocumented_unsafe_blocks, deprecated)]
unsafe impl ::iokit_uc::__private::RegisterBlock for Engine {
    type View<'uc> = EngineView<'uc>;
    type ViewMut<'uc> = EngineViewMut<'uc>;
    type Split<'uc> = Parts<'uc>;
    const LAYOUT: &'static ::iokit_uc::__private::BlockLayout = &::iokit_uc::__private::BlockLayout::of::<
        Self,
    >(
        "Engine",
        " A DMA engine.",
        const {
            &[
                ::iokit_uc::__private::FieldLayout::new(
                    "control",
                    " What it does.",
                    ::core::mem::offset_of!(Engine, control),
                    <ReadPureWrite<
                        Control,
                    > as ::iokit_uc::__private::BlockField>::LENGTH,
                    <ReadPureWrite<Control> as ::iokit_uc::__private::BlockField>::SIZE,
                    <ReadPureWrite<Control> as ::iokit_uc::__private::BlockField>::KIND,
                ),
                ::iokit_uc::__private::FieldLayout::new(
                    "channels",
                    "",
                    ::core::mem::offset_of!(Engine, channels),
                    <[Channel; 2] as ::iokit_uc::__private::BlockField>::LENGTH,
                    0x10,
                    <[Channel; 2] as ::iokit_uc::__private::BlockField>::KIND,
                ),
                ::iokit_uc::__private::FieldLayout::new(
                    "type",
                    "",
                    ::core::mem::offset_of!(Engine, r#type),
                    <::iokit_uc::__private::UnsafeWrite<
                        WriteOnly<u32>,
                    > as ::iokit_uc::__private::BlockField>::LENGTH,
                    <::iokit_uc::__private::UnsafeWrite<
                        WriteOnly<u32>,
                    > as ::iokit_uc::__private::BlockField>::SIZE,
                    <::iokit_uc::__private::UnsafeWrite<
                        WriteOnly<u32>,
                    > as ::iokit_uc::__private::BlockField>::KIND,
                ),
            ]
        },
    );
    #[inline]
    unsafe fn view_at<'uc>(
        __uc_base: ::core::ptr::NonNull<::core::primitive::u8>,
    ) -> EngineView<'uc> {
        EngineView(unsafe { ::iokit_uc::__private::Base::new(__uc_base) })
    }
    #[inline]
    unsafe fn view_mut_at<'uc>(
        __uc_base: ::core::ptr::NonNull<::core::primitive::u8>,
    ) -> EngineViewMut<'uc> {
        EngineViewMut(unsafe { ::iokit_uc::__private::BaseMut::new(__uc_base) })
    }
    #[inline]
    unsafe fn split_at<'uc>(
        __uc_base: ::core::ptr::NonNull<::core::primitive::u8>,
    ) -> Parts<'uc> {
        EngineViewMut(unsafe { ::iokit_uc::__private::BaseMut::new(__uc_base) }).split()
    }
}
#[automatically_derived]
#[allow(clippy::undocumented_unsafe_blocks, deprecated)]
unsafe impl ::iokit_uc::__private::Part for Engine {
    type View<'uc, const __UC_OFFSET: ::core::primitive::usize> = EngineView<'uc>;
    type ViewMut<'uc, const __UC_OFFSET: ::core::primitive::usize> = EngineViewMut<'uc>;
    const KIND: ::iokit_uc::__private::FieldKind = ::iokit_uc::__private::FieldKind::Block(
        <Self as ::iokit_uc::__private::RegisterBlock>::LAYOUT,
    );
    #[inline]
    unsafe fn view<'uc, const __UC_OFFSET: ::core::primitive::usize>(
        __uc_base: ::iokit_uc::__private::Base<'uc>,
    ) -> EngineView<'uc> {
        EngineView(unsafe { __uc_base.block::<Self, __UC_OFFSET>() })
    }
    #[inline]
    unsafe fn view_mut<'uc, const __UC_OFFSET: ::core::primitive::usize>(
        __uc_base: ::iokit_uc::__private::BaseMut<'uc>,
    ) -> EngineViewMut<'uc> {
        EngineViewMut(unsafe { __uc_base.block::<Self, __UC_OFFSET>() })
    }
}
///The registers of [`Engine`], to read what can be read without effect.
#[allow(dead_code, deprecated)]
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct EngineView<'uc>(::iokit_uc::__private::Base<'uc, Engine>);
#[automatically_derived]
#[allow(clippy::undocumented_unsafe_blocks, dead_code, deprecated)]
impl<'uc> EngineView<'uc> {
    /// What it does.
    #[inline]
    pub fn control(
        &self,
    ) -> <ReadPureWrite<
        Control,
    > as ::iokit_uc::__private::BlockField>::View<
        'uc,
        { ::core::mem::offset_of!(Engine, control) },
        { <ReadPureWrite<Control> as ::iokit_uc::__private::BlockField>::SIZE },
    > {
        unsafe {
            <ReadPureWrite<
                Control,
            > as ::iokit_uc::__private::BlockField>::view::<
                { ::core::mem::offset_of!(Engine, control) },
                { <ReadPureWrite<Control> as ::iokit_uc::__private::BlockField>::SIZE },
            >(self.0.of_fields())
        }
    }
    ///`channels`
    #[inline]
    fn channels(
        &self,
    ) -> <[Channel; 2] as ::iokit_uc::__private::BlockField>::View<
        'uc,
        { ::core::mem::offset_of!(Engine, channels) },
        { 0x10 },
    > {
        unsafe {
            <[Channel; 2] as ::iokit_uc::__private::BlockField>::view::<
                { ::core::mem::offset_of!(Engine, channels) },
                { 0x10 },
            >(self.0.of_fields())
        }
    }
    ///`type`
    #[deprecated]
    #[inline]
    pub(crate) fn r#type(
        &self,
    ) -> <::iokit_uc::__private::UnsafeWrite<
        WriteOnly<u32>,
    > as ::iokit_uc::__private::BlockField>::View<
        'uc,
        { ::core::mem::offset_of!(Engine, r#type) },
        {
            <::iokit_uc::__private::UnsafeWrite<
                WriteOnly<u32>,
            > as ::iokit_uc::__private::BlockField>::SIZE
        },
    > {
        unsafe {
            <::iokit_uc::__private::UnsafeWrite<
                WriteOnly<u32>,
            > as ::iokit_uc::__private::BlockField>::view::<
                { ::core::mem::offset_of!(Engine, r#type) },
                {
                    <::iokit_uc::__private::UnsafeWrite<
                        WriteOnly<u32>,
                    > as ::iokit_uc::__private::BlockField>::SIZE
                },
            >(self.0.of_fields())
        }
    }
}
///The registers of [`Engine`], to read and to write.
#[allow(dead_code, deprecated)]
#[derive(::core::fmt::Debug)]
pub struct EngineViewMut<'uc>(::iokit_uc::__private::BaseMut<'uc, Engine>);
#[automatically_derived]
#[allow(clippy::undocumented_unsafe_blocks, dead_code, deprecated)]
impl<'uc> EngineViewMut<'uc> {
    /// What it does.
    #[inline]
    pub fn control(
        &mut self,
    ) -> <ReadPureWrite<
        Control,
    > as ::iokit_uc::__private::BlockField>::ViewMut<
        '_,
        { ::core::mem::offset_of!(Engine, control) },
        { <ReadPureWrite<Control> as ::iokit_uc::__private::BlockField>::SIZE },
    > {
        unsafe {
            <ReadPureWrite<
                Control,
            > as ::iokit_uc::__private::BlockField>::view_mut::<
                { ::core::mem::offset_of!(Engine, control) },
                { <ReadPureWrite<Control> as ::iokit_uc::__private::BlockField>::SIZE },
            >(self.0.reborrow().of_fields())
        }
    }
    ///`channels`
    #[inline]
    fn channels(
        &mut self,
    ) -> <[Channel; 2] as ::iokit_uc::__private::BlockField>::ViewMut<
        '_,
        { ::core::mem::offset_of!(Engine, channels) },
        { 0x10 },
    > {
        unsafe {
            <[Channel; 2] as ::iokit_uc::__private::BlockField>::view_mut::<
                { ::core::mem::offset_of!(Engine, channels) },
                { 0x10 },
            >(self.0.reborrow().of_fields())
        }
    }
    ///`type`
    #[deprecated]
    #[inline]
    pub(crate) fn r#type(
        &mut self,
    ) -> <::iokit_uc::__private::UnsafeWrite<
        WriteOnly<u32>,
    > as ::iokit_uc::__private::BlockField>::ViewMut<
        '_,
        { ::core::mem::offset_of!(Engine, r#type) },
        {
            <::iokit_uc::__private::UnsafeWrite<
                WriteOnly<u32>,
            > as ::iokit_uc::__private::BlockField>::SIZE
        },
    > {
        unsafe {
            <::iokit_uc::__private::UnsafeWrite<
                WriteOnly<u32>,
            > as ::iokit_uc::__private::BlockField>::view_mut::<
                { ::core::mem::offset_of!(Engine, r#type) },
                {
                    <::iokit_uc::__private::UnsafeWrite<
                        WriteOnly<u32>,
                    > as ::iokit_uc::__private::BlockField>::SIZE
                },
            >(self.0.reborrow().of_fields())
        }
    }
    /// The same registers, to read for as long as nobody writes them.
    #[inline]
    pub fn as_view(&self) -> EngineView<'_> {
        EngineView(self.0.shared())
    }
    /// The same registers, for someone else to have for a while.
    #[inline]
    pub fn reborrow(&mut self) -> EngineViewMut<'_> {
        EngineViewMut(self.0.reborrow())
    }
    /// Each register for itself, for different threads to have.
    #[inline]
    pub fn split(self) -> Parts<'uc> {
        Parts {
            control: unsafe {
                <ReadPureWrite<
                    Control,
                > as ::iokit_uc::__private::BlockField>::view_mut::<
                    { ::core::mem::offset_of!(Engine, control) },
                    {
                        <ReadPureWrite<
                            Control,
                        > as ::iokit_uc::__private::BlockField>::SIZE
                    },
                >(self.0.duplicate().of_fields())
            },
            channels: unsafe {
                <[Channel; 2] as ::iokit_uc::__private::BlockField>::view_mut::<
                    { ::core::mem::offset_of!(Engine, channels) },
                    { 0x10 },
                >(self.0.duplicate().of_fields())
            },
            r#type: unsafe {
                <::iokit_uc::__private::UnsafeWrite<
                    WriteOnly<u32>,
                > as ::iokit_uc::__private::BlockField>::view_mut::<
                    { ::core::mem::offset_of!(Engine, r#type) },
                    {
                        <::iokit_uc::__private::UnsafeWrite<
                            WriteOnly<u32>,
                        > as ::iokit_uc::__private::BlockField>::SIZE
                    },
                >(self.0.duplicate().of_fields())
            },
            __uc_block: ::core::marker::PhantomData,
        }
    }
}
///The registers of [`Engine`], each for itself.
#[allow(dead_code, deprecated)]
pub struct Parts<'uc> {
    /// What it does.
    pub control: <ReadPureWrite<
        Control,
    > as ::iokit_uc::__private::BlockField>::ViewMut<
        'uc,
        { ::core::mem::offset_of!(Engine, control) },
        { <ReadPureWrite<Control> as ::iokit_uc::__private::BlockField>::SIZE },
    >,
    ///`channels`
    channels: <[Channel; 2] as ::iokit_uc::__private::BlockField>::ViewMut<
        'uc,
        { ::core::mem::offset_of!(Engine, channels) },
        { 0x10 },
    >,
    ///`type`
    #[deprecated]
    pub(crate) r#type: <::iokit_uc::__private::UnsafeWrite<
        WriteOnly<u32>,
    > as ::iokit_uc::__private::BlockField>::ViewMut<
        'uc,
        { ::core::mem::offset_of!(Engine, r#type) },
        {
            <::iokit_uc::__private::UnsafeWrite<
                WriteOnly<u32>,
            > as ::iokit_uc::__private::BlockField>::SIZE
        },
    >,
    __uc_block: ::core::marker::PhantomData<::iokit_uc::__private::BaseMut<'uc>>,
}
#[automatically_derived]
impl ::core::fmt::Debug for Parts<'_> {
    fn fmt(&self, __uc_f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::core::fmt::Formatter::debug_struct(__uc_f, "Parts").finish_non_exhaustive()
    }
}
#[allow(deprecated)]
const _: () = {
    const _: () = ::iokit_uc::__private::assert_block(
        <Engine as ::iokit_uc::__private::RegisterBlock>::LAYOUT,
    );
    const _: fn(&Engine) -> &ReadPureWrite<Control> = |__uc_block| &__uc_block.control;
    const _: () = ::iokit_uc::__private::assert_offset(
        "control",
        ::core::mem::offset_of!(Engine, control),
        0x00,
    );
    const _: fn(&Engine) -> &[u32; 3] = |__uc_block| &__uc_block._reserved;
    const _: () = <[u32; 3] as ::iokit_uc::__private::ReservedField>::MAY;
    const _: fn(&Engine) -> &[Channel; 2] = |__uc_block| &__uc_block.channels;
    const _: () = ::iokit_uc::__private::assert_offset(
        "channels",
        ::core::mem::offset_of!(Engine, channels),
        0x10,
    );
    const _: () = ::iokit_uc::__private::assert_stride(
        "channels",
        ::core::mem::offset_of!(Engine, channels),
        (
            <[Channel; 2] as ::iokit_uc::__private::BlockField>::LENGTH,
            <[Channel; 2] as ::iokit_uc::__private::BlockField>::SIZE,
            <[Channel; 2] as ::iokit_uc::__private::BlockField>::ALIGN,
        ),
        0x10,
        "`type`",
        ::core::mem::offset_of!(Engine, r#type),
    );
    const _: fn(&Engine) -> &[u32; 4] = |__uc_block| &__uc_block._channels;
    const _: () = <[u32; 4] as ::iokit_uc::__private::ReservedField>::MAY;
    const _: fn(&Engine) -> &WriteOnly<u32> = |__uc_block| &__uc_block.r#type;
    const _: () = <WriteOnly<u32> as ::iokit_uc::__private::WritableField>::MAY;
};
