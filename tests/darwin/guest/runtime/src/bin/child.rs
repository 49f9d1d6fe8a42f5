//! Ends in the way that its argument says.

use std::cell::RefCell;
use std::ffi::{CString, c_void};
use std::hint::black_box;
use std::io::Write;
use std::process::exit;
use std::ptr::null_mut;

use darwin_runtime_tests::dispatch::*;

struct Announced(&'static str);

impl Drop for Announced {
    fn drop(&mut self) {
        println!("dropped {}", self.0);
    }
}

thread_local!(static ANNOUNCED: RefCell<Option<Announced>> = const { RefCell::new(None) });

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let argument = |index: usize| arguments.get(index).map_or("", String::as_str);
    match argument(1) {
        "return" => {}
        "exit" => exit(argument(2).parse().unwrap()),
        "panic" => panic!("on purpose"),
        "abort" => std::process::abort(),
        "exit with thread-locals" => {
            ANNOUNCED.set(Some(Announced("at exit")));
            exit(3);
        }
        "exit from a thread" => {
            ANNOUNCED.set(Some(Announced("of the main thread")));
            std::thread::spawn(|| {
                ANNOUNCED.set(Some(Announced("of the thread that exits")));
                exit(4);
            })
            .join()
            .unwrap();
        }
        "return with thread-locals" => ANNOUNCED.set(Some(Announced("after main"))),
        "atexit" => {
            extern "C" fn last() {
                println!("at exit");
            }
            // SAFETY: the function stays.
            unsafe { libc::atexit(last) };
            println!("main ends");
        }
        "return while a stream is locked" => {
            let (sender, locked) = std::sync::mpsc::channel();
            std::thread::spawn(move || {
                // SAFETY: the file is open until the process ends.
                unsafe { flockfile(libc::tmpfile()) };
                sender.send(()).unwrap();
                loop {
                    std::thread::park();
                }
            });
            locked.recv().unwrap();
        }
        "leave a string behind and write to" => {
            let path = CString::new(argument(2)).unwrap();
            // SAFETY: C strings; the file is open.
            unsafe {
                CFStringCreateWithCString(std::ptr::null(), c"left".as_ptr(), 0x0800_0100);
                libc::fputs(c"written".as_ptr(), libc::fopen(path.as_ptr(), c"w".as_ptr()));
            }
        }
        "environment" => println!("{}", std::env::var("COLOUR").unwrap_or("none".into())),
        "directory" => println!("{}", std::env::current_dir().unwrap().display()),
        "name" => println!("{}", std::env::args().next().unwrap()),
        "copy" => {
            std::io::copy(&mut std::io::stdin(), &mut std::io::stdout()).unwrap();
        }
        "standard output twice" => {
            print!("first ");
            std::io::stdout().flush().unwrap();
            std::fs::OpenOptions::new()
                .write(true)
                .truncate(true)
                .open("/dev/stdout")
                .unwrap()
                .write_all(b"second ")
                .unwrap();
            println!("third");
        }
        "signal" => {
            // SAFETY: has no preconditions.
            unsafe { libc::raise(argument(2).parse().unwrap()) };
        }
        "null" => {
            // SAFETY: the instruction is meant to fault.
            unsafe { std::arch::asm!("mov al, [rcx]", in("rcx") 16, out("al") _) };
        }
        "divide" => {
            // SAFETY: the instruction is meant to fault.
            unsafe { std::arch::asm!("xor ecx, ecx", "div ecx", out("eax") _, out("ecx") _, out("edx") _) };
        }
        "overflow" => {
            black_box(descend(u64::MAX));
        }
        "overflow in a thread" => {
            std::thread::spawn(|| black_box(descend(u64::MAX))).join().unwrap();
        }
        "main queue" => serve_main_queue(),
        "main queue by a run loop" => run_loop(),
        misuse => misuse_dispatch(misuse),
    }
}

unsafe extern "C" {
    fn flockfile(stream: *mut libc::FILE);
    fn CFStringCreateWithCString(
        allocator: *const c_void,
        text: *const std::ffi::c_char,
        encoding: u32,
    ) -> *const c_void;
}

#[inline(never)]
fn descend(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    if depth == 0 { 0 } else { descend(depth - 1) + black_box(frame)[7] }
}

fn serve_main_queue() {
    extern "C" fn first(_: *mut c_void) {
        println!("first on {:?}", std::thread::current().name());
    }
    extern "C" fn second(_: *mut c_void) {
        println!("second on {:?}", std::thread::current().name());
        exit(6);
    }
    std::thread::spawn(|| {
        // SAFETY: the functions ignore their contexts.
        unsafe {
            dispatch_sync_f(main_queue(), null_mut(), first);
            dispatch_async_f(main_queue(), null_mut(), second);
        }
    });
    // SAFETY: this is the main thread.
    unsafe { dispatch_main() }
}

fn run_loop() {
    unsafe extern "C" {
        fn CFRunLoopGetMain() -> *mut c_void;
        fn CFRunLoopRun();
        fn CFRunLoopStop(run_loop: *mut c_void);
    }
    extern "C" fn stop(_: *mut c_void) {
        println!("stopped on {:?}", std::thread::current().name());
        // SAFETY: the loop of the main thread is always there.
        unsafe { CFRunLoopStop(CFRunLoopGetMain()) };
    }
    let thread = std::thread::spawn(|| {
        // SAFETY: the function ignores its context.
        unsafe { dispatch_async_f(main_queue(), null_mut(), stop) };
    });
    // SAFETY: has no preconditions.
    unsafe { CFRunLoopRun() };
    thread.join().unwrap();
    println!("returned");
}

fn misuse_dispatch(how: &str) {
    extern "C" fn nothing(_: *mut c_void) {}
    extern "C" fn wait_for_itself(queue: *mut c_void) {
        // SAFETY: it is not: that is the test.
        unsafe { dispatch_sync_f(queue, null_mut(), nothing) };
    }
    let label = CString::new("queue").unwrap();
    // SAFETY: what is not is the test.
    unsafe {
        let queue = dispatch_queue_create(label.as_ptr(), null_mut());
        match how {
            "release twice" => {
                dispatch_release(queue);
                dispatch_release(queue);
            }
            "use after release" => {
                dispatch_release(queue);
                dispatch_async_f(queue, null_mut(), nothing);
            }
            "another kind" => {
                dispatch_semaphore_wait(queue, NOW);
            }
            "release in use" => {
                let semaphore = dispatch_semaphore_create(1);
                dispatch_semaphore_wait(semaphore, FOREVER);
                dispatch_release(semaphore);
            }
            "wait for itself" => dispatch_sync_f(queue, queue, wait_for_itself),
            "leave an empty group" => dispatch_group_leave(dispatch_group_create()),
            "resume" => dispatch_resume(queue),
            "lock twice" => {
                let mut lock: libc::os_unfair_lock = std::mem::zeroed();
                libc::os_unfair_lock_lock(&mut lock);
                libc::os_unfair_lock_lock(&mut lock);
            }
            other => panic!("cannot end by {other:?}"),
        }
    }
    println!("not noticed");
}
