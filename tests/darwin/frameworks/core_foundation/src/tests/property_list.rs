use super::*;
use crate::c::{kCFBooleanFalse, kCFBooleanTrue, kCFNull};

const XML: CFPropertyListFormat = 100;
const BINARY: CFPropertyListFormat = 200;

fn xml(object: CFTypeRef) -> String {
    let data = call!(CFPropertyListCreateXMLData(ptr::null(), object));
    assert!(!data.is_null(), "a property list");
    let bytes = crate::to_value(data).and_then(|value| value.as_data().map(<[u8]>::to_vec));
    call!(CFRelease(data));
    String::from_utf8(bytes.unwrap_or_default()).expect("UTF-8")
}

/// A property list of everything but dates.
fn everything() -> CFMutableDictionaryRef {
    let real = 0.1f64;
    let real = call!(CFNumberCreate(ptr::null(), 6, (&raw const real).cast()));
    let inner = string("a<b> & \"c\"");
    let list = array(&[inner, kCFBooleanTrue.get(), kCFBooleanFalse.get()]);
    call!(CFRelease(inner));
    dictionary(&[
        ("text", string("")),
        ("real", real),
        ("list", list),
        ("empty", array(&[])),
        ("none", dictionary(&[])),
        ("data", data(&[0xca; 60])),
        ("Integer", int(-1)),
    ])
}

#[test]
fn xml_is_as_a_mac_writes_it() {
    let object = everything();
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">
<plist version=\"1.0\">
<dict>
\t<key>Integer</key>
\t<integer>-1</integer>
\t<key>data</key>
\t<data>
\tysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKysrK
\tysrKysrKysrK
\t</data>
\t<key>empty</key>
\t<array/>
\t<key>list</key>
\t<array>
\t\t<string>a&lt;b&gt; &amp; \"c\"</string>
\t\t<true/>
\t\t<false/>
\t</array>
\t<key>none</key>
\t<dict/>
\t<key>real</key>
\t<real>0.10000000000000001</real>
\t<key>text</key>
\t<string></string>
</dict>
</plist>
";
    assert_eq!(xml(object), expected);
    call!(CFRelease(object));
}

#[test]
fn a_property_list_survives_both_formats() {
    let object = everything();
    let date = call!(CFDateCreate(ptr::null(), 123_456.0));
    let key = string("date");
    call!(CFDictionarySetValue(object, key, date));
    for format in [XML, BINARY] {
        let bytes = call!(CFPropertyListCreateData(ptr::null(), object, format, 0, ptr::null_mut()));
        let mut found = 0;
        let copy =
            call!(CFPropertyListCreateWithData(ptr::null(), bytes, 0, &raw mut found, ptr::null_mut()));
        assert_eq!((found, call!(CFEqual(copy, object))), (format, 1));
        assert!(misuse(|| call!(CFDictionaryRemoveAllValues(copy))).contains("immutable"));
        call!(CFRelease(copy));
        call!(CFRelease(bytes));
    }
    for object in [object, date, key] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_property_list_is_as_mutable_as_it_is_asked_for() {
    let bytes = b"<plist><dict><key>k</key><array><string>s</string></array></dict></plist>";
    let source = data(bytes);
    let read = |options| {
        call!(CFPropertyListCreateWithData(ptr::null(), source, options, ptr::null_mut(), ptr::null_mut()))
    };
    let key = string("k");
    for (options, leaves) in [(1, false), (2, true)] {
        let object = read(options);
        let list = call!(CFDictionaryGetValue(object, key));
        let leaf = call!(CFArrayGetValueAtIndex(list, 0));
        call!(CFArrayAppendValue(list, key));
        let changed = darwin_calls::catch(|| call!(CFStringAppend(leaf, key)));
        assert_eq!(changed.is_ok(), leaves);
        call!(CFRelease(object));
    }
    call!(CFRelease(key));
    call!(CFRelease(source));
}

#[test]
fn what_is_no_property_list_is_an_error_of_the_programs() {
    for bytes in [&b"<plist><dict><key>"[..], b"bplist00nonsense", b""] {
        let bytes = data(bytes);
        let mut error = ptr::null();
        let object =
            call!(CFPropertyListCreateWithData(ptr::null(), bytes, 0, ptr::null_mut(), &raw mut error));
        assert!(object.is_null());
        assert_eq!(call!(CFErrorGetCode(error)), 3840);
        assert_eq!(text(call!(CFErrorGetDomain(error))), "NSCocoaErrorDomain");
        assert!(
            taken(call!(CFErrorCopyDescription(error))).starts_with("The operation couldn’t be completed.")
        );
        call!(CFRelease(error));
        let mut words = ptr::null();
        assert!(call!(CFPropertyListCreateFromXMLData(ptr::null(), bytes, 0, &raw mut words)).is_null());
        assert_ne!(taken(words), "");
        call!(CFRelease(bytes));
    }
}

#[test]
fn text_in_xml_may_be_cdata() {
    let bytes = data(b"<plist><string>a&amp;<![CDATA[<b>&amp;]]></string></plist>");
    let object = call!(CFPropertyListCreateWithData(ptr::null(), bytes, 0, ptr::null_mut(), ptr::null_mut()));
    assert_eq!(crate::text(object).as_deref(), Some("a&<b>&amp;"));
    call!(CFRelease(object));
    call!(CFRelease(bytes));
}

#[test]
fn only_property_lists_are_valid() {
    let valid = |object, format| call!(CFPropertyListIsValid(object, format));
    let object = everything();
    assert_eq!((valid(object, XML), valid(object, BINARY), valid(object, 1)), (1, 1, 0));
    assert_eq!(valid(kCFNull.get(), XML), 0);
    assert_eq!(valid(ptr::null(), XML), 0);
    let circle = call!(CFArrayCreateMutable(ptr::null(), 0, ptr::null()));
    call!(CFArrayAppendValue(circle, circle));
    assert_eq!(valid(circle, XML), 0);
    assert!(call!(CFPropertyListCreateXMLData(ptr::null(), circle)).is_null());
    let mut error = ptr::null();
    assert!(call!(CFPropertyListCreateData(ptr::null(), circle, BINARY, 0, &raw mut error)).is_null());
    assert_eq!(call!(CFErrorGetCode(error)), 3851);
    for object in [object, circle, error] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_deep_copy_shares_nothing_that_changes() {
    let object = everything();
    let copy = call!(CFPropertyListCreateDeepCopy(ptr::null(), object, 1));
    assert_eq!(call!(CFEqual(object, copy)), 1);
    let key = string("empty");
    let (old, new) = (call!(CFDictionaryGetValue(object, key)), call!(CFDictionaryGetValue(copy, key)));
    assert_ne!(old, new);
    call!(CFArrayAppendValue(new, key));
    assert_eq!(call!(CFEqual(object, copy)), 0);
    let number = 1i8;
    let number = call!(CFNumberCreate(ptr::null(), 1, (&raw const number).cast()));
    let same = call!(CFPropertyListCreateDeepCopy(ptr::null(), number, 0));
    assert_eq!(call!(CFNumberGetType(same)), 1);
    assert!(call!(CFPropertyListCreateDeepCopy(ptr::null(), kCFNull.get(), 0)).is_null());
    for object in [object, copy, key, number, same] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_date_that_cannot_be_written_says_so() {
    for seconds in [1e18, -1e18, f64::NAN, f64::INFINITY] {
        let date = call!(CFDateCreate(ptr::null(), seconds));
        let message = misuse(|| call!(CFPropertyListCreateXMLData(ptr::null(), date)));
        assert!(message.ends_with("has no stand-in"), "{message}");
        call!(CFRelease(date));
    }
}
