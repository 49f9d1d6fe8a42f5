use super::*;

fn bytes(data: CFDataRef) -> Vec<u8> {
    let length = call!(CFDataGetLength(data));
    let mut bytes = vec![0; length.cast_unsigned()];
    call!(CFDataGetBytes(data, range(0, length), bytes.as_mut_ptr()));
    bytes
}

#[test]
fn data_copies_its_bytes() {
    let mut source = *b"bytes";
    let copy = data(&source);
    source.fill(0);
    assert_eq!(bytes(copy), b"bytes");
    let same = call!(CFDataCreateCopy(ptr::null(), copy));
    assert_eq!((call!(CFEqual(copy, same)), call!(CFHash(copy))), (1, call!(CFHash(same))));
    assert!(misuse(|| call!(CFDataSetLength(copy, 0))).ends_with("the CFData is immutable"));
    call!(CFRelease(copy));
    call!(CFRelease(same));
}

#[test]
fn data_changes() {
    let changing = call!(CFDataCreateMutable(ptr::null(), 0));
    call!(CFDataAppendBytes(changing, b"hello".as_ptr(), 5));
    call!(CFDataIncreaseLength(changing, 1));
    call!(CFDataReplaceBytes(changing, range(0, 1), b"JE".as_ptr(), 2));
    assert_eq!(bytes(changing), b"JEello\0");
    call!(CFDataDeleteBytes(changing, range(1, 2)));
    call!(CFDataSetLength(changing, 3));
    assert_eq!(bytes(changing), b"Jll");
    let place = call!(CFDataGetMutableBytePtr(changing));
    // SAFETY: the data has three bytes.
    unsafe { place.write(b'b') };
    assert_eq!(bytes(changing), b"bll");
    let copy = call!(CFDataCreateMutableCopy(ptr::null(), 0, changing));
    call!(CFDataAppendBytes(copy, b"!".as_ptr(), 1));
    assert_eq!((bytes(changing).len(), bytes(copy).len()), (3, 4));
    assert!(
        misuse(|| call!(CFDataDeleteBytes(copy, range(2, 3)))).contains("3 at 2 were asked for of the 4")
    );
    assert!(misuse(|| call!(CFDataSetLength(copy, -1))).ends_with("-1 is no length"));
    call!(CFRelease(changing));
    call!(CFRelease(copy));
}

#[test]
fn data_of_a_fixed_capacity_stays_where_it_is_and_is_full() {
    let fixed = call!(CFDataCreateMutable(ptr::null(), 4));
    call!(CFDataAppendBytes(fixed, b"ab".as_ptr(), 2));
    let place = call!(CFDataGetBytePtr(fixed));
    call!(CFDataAppendBytes(fixed, b"cd".as_ptr(), 2));
    assert_eq!((call!(CFDataGetBytePtr(fixed)), bytes(fixed)), (place, b"abcd".to_vec()));
    let full = misuse(|| call!(CFDataIncreaseLength(fixed, 1)));
    assert!(full.ends_with("the CFData has room for 4 bytes, and is full"), "{full}");
    assert!(call!(CFDataCreateMutable(ptr::null(), isize::MAX)).is_null());
    call!(CFRelease(fixed));
}

#[test]
fn data_is_found_in_data() {
    let (within, wanted) = (data(b"abcabc"), data(b"bc"));
    let find = |range, options| call!(CFDataFind(within, wanted, range, options));
    assert_eq!(find(range(0, 6), 0), range(1, 2));
    assert_eq!(find(range(0, 6), 1), range(4, 2));
    assert_eq!(find(range(2, 4), 0), range(4, 2));
    assert_eq!(find(range(1, 4), 2), range(1, 2));
    assert_eq!(find(range(2, 2), 0), range(-1, 0));
    call!(CFRelease(within));
    call!(CFRelease(wanted));
}

#[test]
fn what_there_is_no_memory_for_is_reported() {
    let changing = call!(CFDataCreateMutable(ptr::null(), 0));
    let message = misuse(|| call!(CFDataSetLength(changing, isize::MAX)));
    assert!(message.contains("there is no memory for 9223372036854775807 more"), "{message}");
    let message = misuse(|| call!(CFDataIncreaseLength(changing, isize::MAX)));
    assert!(message.contains("there is no memory"), "{message}");
    assert_eq!(bytes(changing), b"");
    call!(CFRelease(changing));
}
