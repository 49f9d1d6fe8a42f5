//! The sample's driver, for the simulated kernel.

use super::{Called, DataStruct, NullDriver, NullDriverServer, SixteenScalars};
use iokit_uc::sim::{Machine, Nub, WeakMachine};
use iokit_uc::wire::INLINE_MAX;
use iokit_uc::{CompletionSender, Completions, IoReturn, Result, Scalars, completions};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A machine with the driver, which calls back after `delay`.
pub(crate) fn machine(delay: Duration) -> Machine {
    let machine = Machine::new();
    let timer = machine.downgrade();
    machine.publish(Nub::new("IOUserService").name("NullDriver").user_client(move |_| {
        let callback = Arc::default();
        Ok(NullDriverServer::new(NullDriverUserClient { machine: timer.clone(), delay, callback }))
    }));
    machine
}

/// The driver's end of one connection.
struct NullDriverUserClient {
    machine: WeakMachine,
    delay: Duration,
    callback: Arc<Mutex<Callback>>,
}

/// Whom to call back, and with what.
#[derive(Default)]
struct Callback {
    client: Option<CompletionSender<Called>>,
    /// How many requests there have been: a new one takes the place of one that is still to be answered, as there is
    /// one timer.
    requests: u64,
}

impl NullDriverUserClient {
    /// Has the registered client called back after a while.
    fn request(&self, callback: &mut Callback, data: &DataStruct) {
        let Some(machine) = self.machine.upgrade() else { return };
        callback.requests += 1;
        let (request, answer) = (callback.requests, sums(data));
        let (timer, callback) = (machine.sleep(self.delay), Arc::downgrade(&self.callback));
        machine.spawn(async move {
            timer.await;
            // The user client may be gone by now.
            let Some(callback) = callback.upgrade() else { return };
            let callback = callback.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(client) = callback.client.as_ref().filter(|_| callback.requests == request) {
                // A client that has gone away need not be told.
                let _ = client.send((2, answer.foo, answer.bar));
            }
        });
    }
}

/// What the driver makes of a structure.
fn sums(data: &DataStruct) -> DataStruct {
    DataStruct { foo: data.foo.wrapping_add(1), bar: data.bar.wrapping_add(10) }
}

impl NullDriver for NullDriverUserClient {
    fn scalars(&self, values: Scalars) -> Result<Scalars> {
        let sums: Vec<u64> = values.iter().map(|value| value.wrapping_add(1)).collect();
        Ok(Scalars::try_from(&*sums).expect("as many as came in"))
    }

    fn structure(&self, data: &[u64], out: &mut [u64]) -> Result<usize> {
        let (&[first, second, ..], [foo_out, bar_out, rest @ ..]) = (data, &mut *out) else {
            return Err(IoReturn::BAD_ARGUMENT.into());
        };
        DataStruct { foo: *foo_out, bar: *bar_out } = sums(&DataStruct { foo: first, bar: second });
        // Out of line the driver fills all of the caller's room, in the reply it returns the structure alone.
        rest.fill(0);
        Ok(if size_of_val(&*out) > INLINE_MAX { out.len() } else { 2 })
    }

    fn checked_scalars(
        &self,
        a: u64,
        b: u64,
        c: u64,
        d: u64,
        e: u64,
        f: u64,
        g: u64,
        h: u64,
        i: u64,
        j: u64,
        k: u64,
        l: u64,
        m: u64,
        n: u64,
        o: u64,
        p: u64,
    ) -> Result<SixteenScalars> {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] =
            [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p].map(|value| value.wrapping_add(1));
        Ok((a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p))
    }

    fn checked_structure(&self, data: &DataStruct) -> Result<DataStruct> {
        Ok(sums(data))
    }

    fn register_async_callback(&self, data: &DataStruct) -> Result<(DataStruct, Completions<Called>)> {
        let (client, completions) = completions();
        let mut callback = self.callback.lock().unwrap_or_else(PoisonError::into_inner);
        callback.client = Some(client);
        self.request(&mut callback, data);
        Ok((sums(data), completions))
    }

    fn async_request(&self, data: &DataStruct) -> Result<()> {
        let mut callback = self.callback.lock().unwrap_or_else(PoisonError::into_inner);
        if callback.client.is_none() {
            return Err(IoReturn::ERROR.into());
        }
        self.request(&mut callback, data);
        Ok(())
    }
}
