use super::*;

#[test]
fn memory_is_zero_and_begins_at_a_page() {
    let memory = MemoryDescriptor::new(5).unwrap();
    assert_eq!(memory.length(), 5);
    assert!(memory.base().addr().get().is_multiple_of(0x1000));
    let bytes = (0..5).map(|at| {
        // SAFETY: within the memory, which nobody else knows of.
        unsafe { memory.base().add(at).read() }
    });
    assert!(bytes.eq([0; 5]));
}

#[test]
fn clones_are_one_descriptor_and_others_are_not() {
    let memory = MemoryDescriptor::new(16).unwrap();
    assert!(memory.is(&memory.clone()));
    let whole = memory.sub_range(0, 16).unwrap();
    assert!(!memory.is(&whole) && !whole.is(&MemoryDescriptor::new(16).unwrap()));
    assert_eq!(whole.base(), memory.base());
}

#[test]
fn a_part_begins_and_ends_anywhere_within() {
    let memory = MemoryDescriptor::new(100).unwrap();
    let part = memory.sub_range(7, 90).unwrap();
    assert_eq!((part.length(), part.base().addr().get()), (90, memory.base().addr().get() + 7));
    let within = part.sub_range(3, 87).unwrap();
    assert_eq!((within.length(), within.base().addr().get()), (87, memory.base().addr().get() + 10));
    assert_eq!(part.sub_range(90, 0).unwrap().length(), 0);
    for (offset, length) in [(0, 91), (91, 0), (usize::MAX, 2)] {
        let error = part.sub_range(offset, length).unwrap_err();
        assert_eq!(error.code(), IoReturn::BAD_ARGUMENT);
        let text = error.to_string();
        assert!(text.contains(&format!("{length} bytes from {offset} on")) && text.contains("90"), "{text}");
    }
}

#[test]
fn a_part_keeps_the_memory() {
    let memory = MemoryDescriptor::new(8).unwrap();
    let part = memory.sub_range(4, 4).unwrap();
    drop(memory);
    // SAFETY: within the memory, which nobody else knows of.
    let byte = unsafe {
        part.base().write(7);
        part.base().read()
    };
    assert_eq!(byte, 7);
}

#[test]
fn there_may_be_no_bytes_but_not_more_than_the_host_has() {
    let nothing = MemoryDescriptor::new(0).unwrap();
    assert_eq!(nothing.length(), 0);
    assert!(nothing.base().addr().get().is_multiple_of(0x1000));
    for length in [usize::MAX, usize::MAX / 2 + 1, usize::MAX / 2] {
        let error = MemoryDescriptor::new(length).unwrap_err();
        assert_eq!(error.code(), IoReturn::NO_MEMORY);
        assert!(error.to_string().contains(&length.to_string()), "{error}");
    }
}

#[cfg(all(feature = "sim", unix, not(miri)))]
mod views {
    use super::*;

    fn part() -> MemoryDescriptor {
        let memory = MemoryDescriptor::new(3 * page_size()).unwrap();
        memory.sub_range(page_size() + 8, 16).unwrap()
    }

    #[test]
    fn each_view_has_an_address_of_its_own_and_sees_the_same() {
        let part = part();
        let views = [true, false].map(|is_writable| part.map(None, is_writable, 0).unwrap());
        assert!(views[0].start() != views[1].start() && views[0].start() != part.base());
        assert!(views.iter().all(|view| view.size() == page_size()));
        // SAFETY: the first byte of the part, as each view sees it; the second view is read alone.
        let seen = unsafe {
            views[0].start().add(8).write_volatile(42);
            (views[1].start().add(8).read_volatile(), part.base().read_volatile())
        };
        assert_eq!(seen, (42, 42));
    }

    /// Far from where hosts put what may be anywhere.
    const FREE: usize = 0x20_0000_0000;

    #[test]
    fn a_place_that_is_taken_is_not_given_away() {
        let part = part();
        let view = part.map(Some(FREE), true, 0).unwrap();
        assert_eq!(view.start().addr().get(), FREE);
        assert!(part.map(Some(FREE), true, 0).is_none());
        drop(view);
        assert!(part.map(Some(FREE), true, 0).is_some());
        assert!(part.map(Some(0), true, 0).is_none(), "not even the host's own choice will do");
    }

    #[test]
    fn guards_take_their_place_too() {
        let part = part();
        let view = part.map(None, true, 2 * page_size()).unwrap();
        let start = view.start().addr().get();
        for taken in
            [start - 2 * page_size(), start - page_size(), start + page_size(), start + 2 * page_size()]
        {
            assert!(part.map(Some(taken), true, 0).is_none());
        }
    }
}
