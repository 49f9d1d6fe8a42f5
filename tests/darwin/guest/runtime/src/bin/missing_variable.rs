//! Refers to variables that do not exist.

unsafe extern "C" {
    static no_such_variable: i32;
    static another_missing_variable: i32;
}

fn main() {
    println!("{:?} {:?}", &raw const no_such_variable, &raw const another_missing_variable);
}
