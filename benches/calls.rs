//! A call that does nothing, through the generated client, by hand, and as a system call of the host.

use divan::{Bencher, black_box};
use iokit_uc::Connection;
use null::{Null, NullClient, Sample, by_hand};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::sync::LazyLock;

static CLIENT: LazyLock<NullClient> =
    LazyLock::new(|| null::open().expect("a simulated machine has the service"));

/// Enough calls a sample that the clock and the first, cold call do not show.
const CALLS: u32 = 10_000;

const SAMPLE: Sample = Sample { time: 1, value: 2 };

fn main() {
    divan::main();
}

fn connection() -> &'static Connection {
    CLIENT.as_ref()
}

mod scalars {
    use super::*;

    #[divan::bench(sample_size = CALLS)]
    fn stub(bencher: Bencher) {
        let client = &*CLIENT;
        bencher.bench(|| client.scalars(black_box(1), black_box(2)));
    }

    #[divan::bench(sample_size = CALLS)]
    fn by_hand(bencher: Bencher) {
        let connection = connection();
        bencher.bench(|| super::by_hand::scalars(connection, black_box(1), black_box(2)));
    }
}

mod structure_of_16_bytes {
    use super::*;

    #[divan::bench(sample_size = CALLS)]
    fn stub(bencher: Bencher) {
        let client = &*CLIENT;
        bencher.bench(|| client.structure(black_box(&SAMPLE)));
    }

    #[divan::bench(sample_size = CALLS)]
    fn by_hand(bencher: Bencher) {
        let connection = connection();
        bencher.bench(|| super::by_hand::structure(connection, black_box(&SAMPLE)));
    }
}

/// What the calls above are measured against: `ioctl` on a device that knows no request.
#[divan::bench(sample_size = CALLS)]
fn ioctl_on_dev_null(bencher: Bencher) {
    let null = File::open("/dev/null").expect("every Unix has /dev/null");
    let descriptor = null.as_raw_fd();
    bencher.bench(|| {
        let mut readable: libc::c_int = 0;
        // SAFETY: the descriptor is open, and FIONREAD writes one `int` at most, where `readable` is.
        unsafe { libc::ioctl(black_box(descriptor), libc::FIONREAD, &raw mut readable) }
    });
}

/// Two threads that call on one connection at once.
#[divan::bench(sample_size = CALLS, threads = 2)]
fn scalars_on_two_threads(bencher: Bencher) {
    let client = &*CLIENT;
    bencher.bench(|| client.scalars(black_box(1), black_box(2)));
}
