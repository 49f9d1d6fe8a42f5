//! What the parser takes, and what it refuses.

use darwin_signatures::{Ownership, Problem, Table, Value};
use std::path::Path;

fn table(header: &str) -> Result<Table, Vec<String>> {
    Table::parse([(Path::new("CF.h"), header)])
        .map_err(|problems| problems.iter().map(Problem::to_string).collect())
}

/// The types of the parameters of the only function, and of its result.
#[track_caller]
fn types(header: &str) -> (Vec<String>, Option<String>) {
    let table = table(header).expect("the header is right");
    let [function] = &table.functions[..] else { panic!("{table:?}") };
    let parameters = function.parameters.iter().map(|parameter| parameter.c_type.to_string());
    (parameters.collect(), function.result.as_ref().map(ToString::to_string))
}

#[track_caller]
fn assert_refused(header: &str, problem: &str) {
    assert_eq!(table(header).expect_err("the header is wrong"), [problem]);
}

#[test]
fn pointers_keep_their_constness() {
    let (parameters, result) = types(
        "CF_EXPORT const void *f(const void **a, const char *b, void *const *c, const char *const d[], char e[16]);",
    );
    assert_eq!(
        parameters,
        ["*mut *const c_void", "*const c_char", "*const *mut c_void", "*const *const c_char", "*mut c_char"]
    );
    assert_eq!(result.as_deref(), Some("*const c_void"));
}

#[test]
fn void_is_no_parameter_and_no_result() {
    assert_eq!(types("CF_EXPORT void f(void);"), (vec![], None));
}

#[test]
fn an_array_type_is_a_pointer_as_a_parameter() {
    let header = "CF_EXPORT void f(io_name_t a, const io_name_t b);\ntypedef char io_name_t[128];";
    assert_eq!(types(header).0, ["*mut c_char", "*const c_char"]);
}

#[test]
fn standard_integers_are_those_of_rust() {
    let (parameters, _) =
        types("CF_EXPORT void f(uint32_t a, size_t b, bool c, unsigned long long d, UInt8 e);");
    assert_eq!(parameters, ["u32", "usize", "bool", "c_ulonglong", "UInt8"]);
}

#[test]
fn words_say_who_owns() {
    let header = "CF_EXPORT kern_return_t f(CFTypeRef a CF_CONSUMED, io_object_t b IO_CONSUMES_RIGHT,
                                            CFTypeRef *c CF_RETURNS_RETAINED, io_object_t *d IO_RETURNS_RIGHT, int e);";
    let table = table(header).expect("the header is right");
    let words: Vec<_> = table.functions[0].parameters.iter().map(|parameter| parameter.ownership).collect();
    let [consumed, consumes_right, retained, returns_right] =
        [Ownership::Consumed, Ownership::ConsumesRight, Ownership::Retained, Ownership::ReturnsRight]
            .map(Some);
    assert_eq!(words, [consumed, consumes_right, retained, returns_right, None]);
}

#[test]
fn what_is_for_compilers_is_passed_over() {
    let header = "
        #ifdef __cplusplus
        extern \"C\" {
        #endif
        typedef struct { int a; } S;
        enum { kOne = 1 };
        #if kOne > 3
        #endif
        #define CF_INLINE static inline
        static inline int helper(int a) { if (a) { return 1; } return CF_EXPORT; }
        CF_EXPORT int f(S *s);
        #ifdef __cplusplus
        }
        #endif";
    assert_eq!(types(header).0, ["*mut S"]);
}

#[test]
fn callbacks_need_no_names_for_their_parameters() {
    let header = "typedef void (*CFCallback)(const void *, CFIndex count, void *info);\nCF_EXPORT void f(CFCallback a);";
    let table = table(header).expect("the header is right");
    let parameters: Vec<_> = table.callbacks[0].parameters.iter().map(ToString::to_string).collect();
    assert_eq!(parameters, ["*const c_void", "CFIndex", "*mut c_void"]);
}

#[test]
fn a_callback_may_have_no_parameters() {
    let table = table("typedef int (*CFTick)(void);").expect("the header is right");
    assert_eq!(table.callbacks[0].parameters, []);
    let data = self::table("typedef int (*CFTick)(void *data, void *more);").expect("the header is right");
    assert_eq!(data.callbacks[0].parameters.len(), 2);
}

#[test]
fn enumerations_have_constants_and_a_type() {
    let header = "
        #define pair(a, b) ((a) << 4 | (b))
        typedef enum { kOne = pair(1, (2)), kTwo, } CFKind;";
    let table = table(header).expect("the header is right");
    let constants: Vec<_> =
        table.constants.iter().map(|constant| (&*constant.name, &constant.value)).collect();
    assert_eq!(constants, [("kOne", &Value::Number(0x12)), ("kTwo", &Value::Number(0x13))]);
    assert_eq!(table.aliases[0].name, "CFKind");
    assert_eq!(table.aliases[0].target.to_string(), "c_uint");
}

#[test]
fn what_follows_a_wrong_declaration_is_read() {
    let header = "CF_EXPORT int f(int) { extern int g; }\n;\nCF_EXPORT int h();\n#define kX unknown";
    assert_eq!(
        table(header).expect_err("three are wrong"),
        [
            "CF.h:1: parameter 1 of f has no name",
            "CF.h:3: h without parameters is declared with (void)",
            "CF.h:4: kX has no value that can be told: unknown is not known",
        ]
    );
}

#[test]
fn every_problem_is_reported_with_its_line() {
    let problems = table("CF_EXPORT int f();\n\nCF_EXPORT int g(int);\nCF_EXPORT int h(int a);");
    assert_eq!(
        problems.expect_err("two declarations are wrong"),
        ["CF.h:1: f without parameters is declared with (void)", "CF.h:3: parameter 1 of g has no name"]
    );
}

#[test]
fn a_parameter_is_reported_where_it_is() {
    assert_refused("CF_EXPORT int f(int a,\n    int);", "CF.h:2: parameter 2 of f has no name");
}

#[test]
fn an_object_returned_without_a_word_is_refused() {
    assert_refused(
        "CF_EXPORT CFTypeRef f(void);",
        "CF.h:1: f returns an object: CF_RETURNS_RETAINED or CF_RETURNS_NOT_RETAINED must follow",
    );
}

#[test]
fn another_name_for_an_object_is_an_object() {
    assert_refused(
        "CF_EXPORT CFRunLoopMode f(void);\ntypedef CFStringRef CFRunLoopMode;",
        "CF.h:1: f returns an object: CF_RETURNS_RETAINED or CF_RETURNS_NOT_RETAINED must follow",
    );
}

#[test]
fn a_right_returned_without_a_word_is_refused() {
    assert_refused(
        "CF_EXPORT io_object_t f(void);",
        "CF.h:1: f returns an object's name: IO_RETURNS_RIGHT must follow",
    );
    assert_refused(
        "CF_EXPORT IOReturn f(io_object_t *a);",
        "CF.h:1: a of f is an object's name for the caller: IO_RETURNS_RIGHT must follow",
    );
}

#[test]
fn an_out_parameter_for_an_object_without_a_word_is_refused() {
    assert_refused(
        "CF_EXPORT Boolean f(CFTypeRef *a);",
        "CF.h:1: a of f is an object for the caller: does it come with a reference?",
    );
}

#[test]
fn names_and_words_agree() {
    assert_refused(
        "CF_EXPORT CFArrayRef CFArrayCreateCopy(CFArrayRef a) CF_RETURNS_NOT_RETAINED;",
        "CF.h:1: CFArrayCreateCopy has Create or Copy in its name, and gives a reference away",
    );
    assert_refused(
        "CF_EXPORT CFRunLoopRef CFRunLoopGetCurrent(void) CF_RETURNS_RETAINED;",
        "CF.h:1: CFRunLoopGetCurrent has Get in its name, and gives no reference away",
    );
    assert_refused(
        "CF_EXPORT CFTypeRef CFXCopy(void) CF_RETURNS_NOT_RETAINED;",
        "CF.h:1: CFXCopy has Create or Copy in its name, and gives a reference away",
    );
    let getter = "CF_EXPORT CFTypeRef CFXGettyCopying(void) CF_RETURNS_NOT_RETAINED;";
    assert!(table(getter).is_ok(), "neither word is in this name");
}

#[test]
fn a_word_that_does_not_fit_is_refused() {
    for (header, problem) in [
        ("CF_EXPORT int f(void) CF_RETURNS_RETAINED;", "f returns no object of CoreFoundation"),
        ("CF_EXPORT int f(void) IO_RETURNS_RIGHT;", "f returns no name of a port"),
        ("CF_EXPORT int f(void) CF_CONSUMED;", "f is followed by a word for parameters"),
        ("CF_EXPORT int f(int a CF_CONSUMED);", "a of f is no object of CoreFoundation"),
        ("CF_EXPORT int f(int a IO_CONSUMES_RIGHT);", "a of f is no name of a port"),
        (
            "CF_EXPORT IOReturn f(int *a IO_RETURNS_RIGHT);",
            "a of f is no out parameter for the name of a port",
        ),
        (
            "CF_EXPORT IOReturn f(const CFTypeRef *a CF_RETURNS_RETAINED);",
            "a of f is no out parameter for an object of CoreFoundation",
        ),
        (
            "CF_EXPORT Boolean f(CFErrorRef *a CF_RETURNS_RETAINED);",
            "a of f is written on failure only: CF_RETURNS_RETAINED_ON_FAILURE",
        ),
        (
            "CF_EXPORT void f(CFTypeRef *a CF_RETURNS_RETAINED);",
            "a of f gives a reference away, but what f returns does not tell whether",
        ),
        (
            "CF_EXPORT UInt32 f(CFTypeRef *a CF_RETURNS_RETAINED);",
            "a of f gives a reference away, but what f returns does not tell whether",
        ),
        ("CF_EXPORT int f(int a CF_CONSUMES);", "CF_CONSUMES after a is no word of CFOwnership.h"),
        (
            "CF_EXPORT int f(CFTypeRef a CF_CONSUMED CF_CONSUMED);",
            "a has CF_CONSUMED already, before CF_CONSUMED",
        ),
        (
            "CF_EXPORT void f(CFTypeRef a CF_CONSUMED, ...);",
            "f is variadic, and has no wrapper that would keep account of its parameters",
        ),
    ] {
        assert_refused(header, &format!("CF.h:1: {problem}"));
    }
}

#[test]
fn what_is_no_declaration_is_refused() {
    for (header, problem) in [
        ("CF_EXPORT;", "a type is missing"),
        ("CF_EXPORT long double f;", "`long double` is no type"),
        ("CF_EXPORT int;", "CF_EXPORT is followed by a type and a name"),
        ("CF_EXPORT int f", "f is followed by its parameters, or by a semicolon"),
        ("CF_EXPORT int f(int a)", "f is not followed by a semicolon"),
        ("CF_EXPORT int f(int a", "parameter 1 of f is not followed by `,` or `)`"),
        ("CF_EXPORT int f(int a,);", "a type is missing"),
        ("CF_EXPORT int f(..., int a);", "`...` ends the parameters of f"),
        ("CF_EXPORT int f(int CF_CONSUMED);", "parameter 1 of f has no name"),
        ("CF_EXPORT int f(int (*a)(void));", "parameter 1 of f needs a typedef for its type"),
        ("CF_EXPORT int f(struct s *a);", "struct types need a typedef here"),
        ("CF_EXPORT int f(void a);", "a parameter cannot be void"),
        ("CF_EXPORT int f(int a[1);", "`[` without `]`"),
        ("CF_EXPORT int f(int a, int a);", "f has two parameters named a"),
        ("extern int f(int a);", "what a framework exports is declared with CF_EXPORT"),
    ] {
        assert_refused(header, &format!("CF.h:1: {problem}"));
    }
}

#[test]
fn a_name_is_declared_once() {
    assert_refused("CF_EXPORT int f(int a);\nCF_EXPORT int f(int a);", "CF.h:2: f is declared at CF.h:1 too");
    assert_refused("CF_EXPORT int f(int a);\nCF_EXPORT int f;", "CF.h:2: f is declared at CF.h:1 too");
}

#[test]
fn constants_are_those_with_one_value() {
    let header = "
        CF_EXPORT const mach_port_t kNewName;
        #define kOldName kNewName
        #define CF_INLINE static inline
        #if A
        #define BITS 32
        #else
        #define BITS 64
        #endif
        #define SAME 1
        #define SAME 1
        enum { kOne = SAME };";
    let table = table(header).expect("the header is right");
    let names: Vec<_> = table.constants.iter().map(|constant| constant.name.as_str()).collect();
    assert_eq!(names, ["SAME", "kOne"]);
}

#[test]
fn headers_are_found_in_directories_within() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("headers");
    std::fs::create_dir_all(directory.join("inner")).expect("a directory");
    for (name, text) in
        [("inner/a.h", "CF_EXPORT int f(void);"), ("b.h", "typedef int T;"), ("c.txt", "CF_EXPORT;")]
    {
        std::fs::write(directory.join(name), text).expect("a file");
    }
    let table = Table::read([directory.as_path()]).expect("the headers are right");
    assert_eq!(
        table.functions[0].location.to_string(),
        format!("{}:1", directory.join("inner/a.h").display())
    );
}

#[test]
fn a_header_that_is_not_there_is_a_problem() {
    let problems = Table::read([Path::new("nowhere")]).expect_err("there is no such directory");
    assert!(problems[0].to_string().starts_with("nowhere:1: "), "{problems:?}");
}
