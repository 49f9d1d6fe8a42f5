//! The sample's driver, for the simulated kernel.

use super::{CLASS, CLASS_10_4, MySampleStruct, SimpleDriver, SimpleDriverClient, SimpleDriverServer};
use iokit_uc::interface::{Arguments, Legacy, OnClose, OpenRequest, Serves, UserClient};
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{IoReturn, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// A machine with both of the sample's drivers.
pub(crate) fn machine() -> Machine {
    let machine = Machine::new();
    let provider = Arc::new(Provider::default());
    machine.publish(Nub::new(CLASS).driver(move |_: &OpenRequest<'_>| {
        Ok(SimpleDriverServer::new(provider.user_client()).on_close(SimpleUserClient::closed))
    }));
    let provider = Arc::new(Provider::default());
    machine.publish(
        Nub::new(CLASS_10_4)
            .driver(move |_: &OpenRequest<'_>| Ok(LegacyUserClient(Arc::new(provider.user_client())))),
    );
    machine
}

/// The service, which one user client at a time may have open.
#[derive(Default)]
struct Provider {
    /// How many user clients there have been.
    user_clients: AtomicU64,
    /// The number of the one that has the service open, from 1; 0 for none.
    owner: AtomicU64,
}

impl Provider {
    /// `newUserClient`.
    fn user_client(self: &Arc<Self>) -> SimpleUserClient {
        let number = self.user_clients.fetch_add(1, Ordering::Relaxed) + 1;
        SimpleUserClient { provider: Arc::downgrade(self), number }
    }

    fn change_owner(&self, from: u64, to: u64) -> bool {
        self.owner.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// The driver's end of one connection.
struct SimpleUserClient {
    provider: Weak<Provider>,
    number: u64,
}

impl SimpleUserClient {
    /// The service, as long as it is there.
    fn attached(&self) -> Result<Arc<Provider>> {
        self.provider.upgrade().ok_or(IoReturn::NOT_ATTACHED.into())
    }

    /// The service, if this user client has it open.
    fn opened(&self) -> Result<Arc<Provider>> {
        let provider = self.attached()?;
        let is_owner = provider.owner.load(Ordering::Acquire) == self.number;
        if is_owner { Ok(provider) } else { Err(IoReturn::NOT_OPEN.into()) }
    }

    /// `clientClose`: a task that forgot to give the service up gives it up now.
    fn closed(&self) {
        if let Some(provider) = self.provider.upgrade() {
            provider.change_owner(self.number, 0);
        }
    }
}

impl SimpleDriver for SimpleUserClient {
    fn open(&self) -> Result<()> {
        if self.attached()?.change_owner(0, self.number) {
            Ok(())
        } else {
            Err(IoReturn::EXCLUSIVE_ACCESS.into())
        }
    }

    fn close(&self) -> Result<()> {
        if self.attached()?.change_owner(self.number, 0) { Ok(()) } else { Err(IoReturn::NOT_OPEN.into()) }
    }

    fn scalar_i_struct_i(&self, _value: u32, _sample: &MySampleStruct) -> Result<()> {
        self.opened().map(drop)
    }

    fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct> {
        self.opened()?;
        Ok(MySampleStruct { field1: a.into(), field2: b.into() })
    }

    fn scalar_i_scalar_o(&self, a: u32, b: u32) -> Result<u32> {
        Ok(a.wrapping_mul(b))
    }

    fn struct_i_struct_o(&self, sample: &MySampleStruct) -> Result<MySampleStruct> {
        self.opened()?;
        Ok(*sample)
    }
}

/// The same user client behind the table that the sample has for Mac OS X 10.4. The trait tells what a selector
/// does; which table leads there is the driver's business, and these calls cannot tell.
struct LegacyUserClient(Arc<SimpleUserClient>);

impl UserClient for LegacyUserClient {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        Legacy::dispatch(&LEGACY_TABLE, &[], &self.0, selector, arguments)
    }

    fn client_close(&self) -> OnClose {
        self.0.closed();
        OnClose::Terminate
    }
}

/// `sMethods` of the sample's 10.4 target: type, `count0`, `count1`.
static LEGACY_TABLE: [Legacy<Arc<SimpleUserClient>>; 6] = [
    record(0, Legacy::<()>::SCALAR_I_SCALAR_O, 0, 0),
    record(1, Legacy::<()>::SCALAR_I_SCALAR_O, 0, 0),
    record(2, Legacy::<()>::SCALAR_I_STRUCT_I, 1, SAMPLE_SIZE),
    record(3, Legacy::<()>::SCALAR_I_STRUCT_O, 2, SAMPLE_SIZE),
    record(4, Legacy::<()>::SCALAR_I_SCALAR_O, 2, 1),
    record(5, Legacy::<()>::STRUCT_I_STRUCT_O, SAMPLE_SIZE, SAMPLE_SIZE),
];

const SAMPLE_SIZE: u32 = size_of::<MySampleStruct>() as u32;

/// A record over the function that the macro has made for the trait's method `index`.
const fn record(index: usize, flags: u32, count0: u32, count1: u32) -> Legacy<Arc<SimpleUserClient>> {
    let function = <SimpleDriverClient as Serves<SimpleUserClient>>::FUNCTIONS[index];
    Legacy { flags, count0, count1, function }
}
