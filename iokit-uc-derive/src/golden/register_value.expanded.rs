#[automatically_derived]
#[allow(deprecated)]
impl ::iokit_uc::__private::RegisterValue for Control {
    type Word = <u32 as ::iokit_uc::__private::RegisterValue>::Word;
    const NAME: &'static ::core::primitive::str = "Control";
    #[inline]
    fn from_word(
        __uc_word: <u32 as ::iokit_uc::__private::RegisterValue>::Word,
    ) -> Self {
        let __uc_inner = <u32 as ::iokit_uc::__private::RegisterValue>::from_word(
            __uc_word,
        );
        Self { 0: __uc_inner }
    }
    #[inline]
    fn to_word(self) -> <u32 as ::iokit_uc::__private::RegisterValue>::Word {
        <u32 as ::iokit_uc::__private::RegisterValue>::to_word(self.0)
    }
}
#[automatically_derived]
#[allow(deprecated)]
impl ::iokit_uc::__private::RegisterValue for Status {
    type Word = <<Self as ::bitflags::Flags>::Bits as ::iokit_uc::__private::RegisterValue>::Word;
    const NAME: &'static ::core::primitive::str = "Status";
    #[inline]
    fn from_word(
        __uc_word: <<Self as ::bitflags::Flags>::Bits as ::iokit_uc::__private::RegisterValue>::Word,
    ) -> Self {
        let __uc_inner = <<Self as ::bitflags::Flags>::Bits as ::iokit_uc::__private::RegisterValue>::from_word(
            __uc_word,
        );
        <Self as ::bitflags::Flags>::from_bits_retain(__uc_inner)
    }
    #[inline]
    fn to_word(
        self,
    ) -> <<Self as ::bitflags::Flags>::Bits as ::iokit_uc::__private::RegisterValue>::Word {
        <<Self as ::bitflags::Flags>::Bits as ::iokit_uc::__private::RegisterValue>::to_word(
            <Self as ::bitflags::Flags>::bits(&self),
        )
    }
}
