use super::*;
use crate::value::{Dictionary, Number};
use serde::de::IntoDeserializer;
use std::collections::BTreeMap;

fn from<T: for<'de> Deserialize<'de>>(value: impl Into<Value>) -> Result<T, String> {
    value.into().deserialize_as().map_err(|error| error.to_string())
}

fn into<T: Serialize>(value: T) -> Result<Value, String> {
    Value::from_serialize(&value).map_err(|error| error.to_string())
}

/// A value of every kind, several deep.
fn every_kind() -> Value {
    Value::dictionary([
        ("true", true.into()),
        ("numbers", Value::array([Value::from(-1i8), 0x8000u16.into(), u32::MAX.into(), u64::MAX.into()])),
        ("floats", Value::array([Value::from(0.1f32), f64::NAN.into(), f64::MIN.into()])),
        ("text", "Größe\0🜁".into()),
        ("data", Value::data([0, 0xff])),
        ("set", Value::set([Value::from("b"), Value::set(["a"]), Value::array([0u8; 0])])),
        ("", Value::dictionary([("", Value::set([0u8; 0]))])),
    ])
}

#[test]
fn a_value_passes_through_serde_as_it_is() {
    let value = every_kind();
    assert_eq!(from::<Value>(value.clone()), Ok(value.clone()));
    assert_eq!(into(value.clone()), Ok(value.clone()));
    let dictionary = value.as_dictionary().unwrap().clone();
    assert_eq!(from::<Dictionary>(value.clone()), Ok(dictionary.clone()));
    assert_eq!(into(dictionary), Ok(value));
    assert_eq!((from(7u16), into(Number::from(-1i8))), (Ok(Number::from(7u16)), Ok(255u8.into())));
    assert_eq!(Value::deserialize((&every_kind()).into_deserializer()), Ok(every_kind()));
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Shape {
    Point,
    Circle(u32),
    Line(u8, u8),
    Box { width: u16, height: Option<u16> },
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Metres(f64);

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Drawing {
    shapes: Vec<Shape>,
    scale: Option<Metres>,
    by_number: BTreeMap<i16, char>,
    #[serde(rename = "Rest of It")]
    rest: Value,
}

#[test]
fn a_type_of_ones_own_is_a_value_and_back() {
    let drawing = Drawing {
        shapes: vec![
            Shape::Point,
            Shape::Circle(7),
            Shape::Line(1, 2),
            Shape::Box { width: 3, height: None },
        ],
        scale: Some(Metres(0.5)),
        by_number: [(-1, 'a'), (2, 'ü')].into(),
        rest: every_kind(),
    };
    let shapes = vec![
        Value::from("Point"),
        Value::dictionary([("Circle", 7u32)]),
        Value::dictionary([("Line", Value::array([1u8, 2]))]),
        Value::dictionary([("Box", Value::dictionary([("width", 3u16)]))]),
    ];
    let value = Value::dictionary([
        ("shapes", shapes.into()),
        ("scale", 0.5f64.into()),
        ("by_number", Value::dictionary([("-1", "a"), ("2", "ü")])),
        ("Rest of It", every_kind()),
    ]);
    assert_eq!(into(&drawing), Ok(value.clone()));
    assert_eq!(from(value), Ok(drawing));
}

#[test]
fn data_are_bytes_and_sequences_of_bytes() {
    let data = Value::data([1, 2, 3]);
    assert_eq!(from(data.clone()), Ok(vec![1u8, 2, 3]));
    assert_eq!(from(data.clone()), Ok([1u8, 2, 3]));
    assert_eq!(data.deserialize_as::<&[u8]>().unwrap(), [1, 2, 3]);
    assert_eq!(from::<Vec<u8>>(Value::array([1u8, 2])), Ok(vec![1, 2]));
    assert_eq!(from::<[u8; 2]>(data.clone()).unwrap_err(), "expected 2 elements, found 3");
    assert_eq!(from::<[u8; 4]>(data).unwrap_err(), "expected an array of length 4, found 3 elements");
    assert_eq!(from::<Vec<u8>>("AB").unwrap_err(), "expected an array, found the string \"AB\"");
}

#[test]
fn an_error_says_where_it_is() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "read by none")]
    struct Inner {
        cells: Vec<u16>,
        shape: Option<Shape>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "read by none")]
    struct Outer {
        inner: BTreeMap<String, Inner>,
    }
    let outer = |inner: Value| Value::dictionary([("inner", Value::dictionary([("one.two", inner)]))]);
    let text = |inner: Value| from::<Outer>(outer(inner)).unwrap_err();
    let cells = |last: Value| Value::dictionary([("cells", Value::array([1.into(), last]))]);
    let unsigned = "expected an unsigned 16-bit integer, found";
    assert_eq!(
        text(cells(70_000.into())),
        format!("`inner[\"one.two\"].cells[1]`: {unsigned} the number 70000")
    );
    assert_eq!(
        text(cells("x".into())),
        format!("`inner[\"one.two\"].cells[1]`: {unsigned} the string \"x\"")
    );
    assert_eq!(text(Value::dictionary([("a", 1)])), "`inner[\"one.two\"].cells` is missing");
    assert_eq!(text(1.into()), "`inner[\"one.two\"]`: expected a dictionary, found the number 1");
    let with_shape = |shape: Value| Value::dictionary([("cells", Value::array([1])), ("shape", shape)]);
    let box_of = |width: Value| Value::dictionary([("Box", Value::dictionary([("width", width)]))]);
    assert_eq!(
        text(with_shape(box_of(true.into()))),
        format!("`inner[\"one.two\"].shape.Box.width`: {unsigned} the boolean true")
    );
    assert!(
        text(with_shape("Cone".into())).starts_with("`inner[\"one.two\"].shape`: unknown variant `Cone`")
    );
    assert_eq!(
        text(with_shape("Circle".into())),
        "`inner[\"one.two\"].shape`: expected the variant `Circle` with a value, found its name alone"
    );
    let error = outer(Value::dictionary([("a", 1)])).deserialize_as::<Outer>().unwrap_err();
    assert!(error.is_missing() && error.path() == "inner[\"one.two\"].cells");
}

#[test]
fn what_no_property_list_has_is_refused_where_it_is() {
    assert_eq!(into(None::<u8>).unwrap_err(), "a property list has no value for none");
    assert_eq!(into([Some(1), None]).unwrap_err(), "`[1]`: a property list has no value for none");
    let far = BTreeMap::from([("a", [u128::MAX])]);
    assert_eq!(
        into(far).unwrap_err(),
        "`a[0]`: 340282366920938463463374607431768211455 is no integer of 64 bits"
    );
    assert_eq!((into(u64::MAX as u128), into(i64::MIN as i128)), (Ok(u64::MAX.into()), Ok(i64::MIN.into())));
    assert_eq!(into(BTreeMap::from([(vec![1], 1)])).unwrap_err(), "a key of a property list is a string");
    assert_eq!(into(BTreeMap::from([(u64::MAX, 1)])), Ok(Value::dictionary([("18446744073709551615", 1)])));
    assert_eq!(from::<()>(1).unwrap_err(), "expected nothing, found the number 1");
}

/// A type that contains itself.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Nest {
    nest: Option<Box<Nest>>,
}

#[test]
#[cfg_attr(miri, ignore = "so many levels take a minute")]
fn depth_is_limited_both_ways() {
    let value = |depth| {
        (1..depth).fold(Value::dictionary([("x", 1)]), |value, _| Value::dictionary([("nest", value)]))
    };
    // A dictionary and an option a level.
    assert!(from::<Nest>(value(60)).is_ok());
    let too_deep = "it is nested more than 128 deep";
    for depth in [70, 100_000] {
        assert!(from::<Nest>(value(depth)).unwrap_err().ends_with(too_deep));
    }
    assert!(from::<Value>(value(129)).unwrap_err().ends_with(too_deep));
    assert!(into(value(129)).unwrap_err().ends_with(too_deep));
    assert_eq!(into(value(128)), Ok(value(128)));
    let nest = (0..200).fold(Nest::default(), |nest, _| Nest { nest: Some(Box::new(nest)) });
    assert!(into(&nest).unwrap_err().ends_with(too_deep));
    // What is not read is not entered.
    let ignored: Result<BTreeMap<String, serde::de::IgnoredAny>, _> = from(value(1_000));
    assert_eq!(ignored.unwrap().len(), 1);
}

#[test]
fn what_serde_puts_aside_first_still_reads() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Rest {
        voltage: i32,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let value = Value::dictionary([("voltage", Value::from(-5)), ("a", 7u8.into()), ("b", Value::data([1]))]);
    let rest = [("a".into(), Value::from(7u8)), ("b".into(), Value::data([1]))].into();
    assert_eq!(from(value), Ok(Rest { voltage: -5, rest }));
}
