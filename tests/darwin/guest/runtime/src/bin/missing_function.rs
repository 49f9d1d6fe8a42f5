//! Calls a function that does not exist, if it has an argument.

unsafe extern "C" {
    fn no_such_function();
}

fn main() {
    print!("before ");
    if std::env::args().len() > 1 {
        // SAFETY: there is nothing to be called.
        unsafe { no_such_function() }
    }
    println!("after");
}
