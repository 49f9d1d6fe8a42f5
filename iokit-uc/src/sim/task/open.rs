//! Opening a service (OC-1 … OC-8).

use super::Task;
use crate::backend::{NULL, PortName};
use crate::error::IoReturn;
use crate::interface::{Caller, Driver, Locking, OpenRequest, UserClient};
use crate::sim::client::{Client, ClientPolicy};
use crate::sim::hooks::NubDriver;
use crate::sim::keys::ObjectKey;
use crate::sim::policy::Filter;
use crate::sim::shared::settle_pending;
use crate::sim::state::{Entry, PortKind};
use crate::sim::thread;
use crate::value::Value;
use std::sync::Arc;

const DEFAULT_LOCKING: &str = "IOUserClientDefaultLocking";
const SET_PROPERTIES_LOCKING: &str = "IOUserClientDefaultLockingSetProperties";
const SINGLE_THREAD_LOCKING: &str = "IOUserClientDefaultLockingSingleThreadExternalMethod";
const ENTITLEMENTS: &str = "IOUserClientEntitlements";
const SHARED_INSTANCE: &str = "IOUserClientSharedInstance";
const CREATOR: &str = "IOUserClientCreator";
const USER_CLIENT_CLASS: &str = "IOUserClientClass";

impl Task {
    /// `is_io_service_open_extended`. `connect` is left alone by what fails before the driver is asked (OC-7).
    pub(in crate::sim) fn open(
        &self,
        service: PortName,
        owning_task: PortName,
        connection_type: u32,
        connect: &mut PortName,
    ) -> Result<(), IoReturn> {
        let kernel = self.send(service)?;
        let owner = kernel.task_argument(self.key, owning_task)?;
        let object = kernel.registry_entry(self.key, service)?;
        if !kernel.is_kind_of(object, "IOService") || owner != Some(self.key) {
            return Err(IoReturn::BAD_ARGUMENT);
        }
        let caller = Arc::clone(&self.caller);
        let policy = Arc::clone(&kernel.policy);
        let class = kernel.classes.name(kernel.objects[object].class).to_owned();
        drop(kernel);
        let allowed = thread::in_driver(std::ptr::null(), || {
            policy.allows_service_open(&caller, &class, connection_type)
        });
        if !allowed? {
            return Err(IoReturn::NOT_PERMITTED);
        }

        // The service must outlive what follows, whatever the task does with its name meanwhile.
        let mut kernel = self.shared.lock();
        if kernel.objects.get(object).is_none() {
            return Err(IoReturn::MACH_SEND_INVALID_DEST);
        }
        kernel.retain(object);
        if let Some(entry) = kernel.entry_mut(object) {
            entry.holds += 1;
        }
        let provider = kernel.id_of(object);
        drop(kernel);
        let request = OpenRequest::new(&caller, connection_type, provider);
        let result = self.open_client(object, &request, connect);
        let mut kernel = self.shared.lock();
        kernel.end_hold(object);
        kernel.release(object);
        drop(kernel);
        settle_pending();
        result
    }

    fn open_client(
        &self,
        provider: ObjectKey,
        request: &OpenRequest<'_>,
        connect: &mut PortName,
    ) -> Result<(), IoReturn> {
        *connect = NULL;
        self.driver_is_called();
        let (code, user_client) = self.new_user_client(provider, request);
        if !code.is_success() {
            // A driver that fails and yet leaves a user client leaks it to the task (OC-7).
            if let Some(user_client) = user_client {
                let client = self.client_object(provider, user_client)?;
                let vended = self.shared.lock().vend_connection(self.key, &client);
                self.shared.lock().release(client.object);
                self.shared.let_go(client);
                *connect = vended?;
            }
            return Err(code);
        }
        let user_client = user_client.ok_or(IoReturn::ERROR)?;
        let client = self.client_object(provider, user_client)?;
        let mut result = self.admit(provider, &client, request);
        if result.is_ok() {
            let mut kernel = self.shared.lock();
            // A client that went away meanwhile gets no port, which nothing would ever destroy again (TERM-5).
            if kernel.entry(client.object).is_some_and(|entry| !entry.states.inactive) {
                result = kernel.vend_connection(self.key, &client).map(|name| *connect = name);
            } else {
                result = Err(IoReturn::UNSUPPORTED);
            }
        }
        self.shared.lock().release(client.object);
        self.shared.let_go(client);
        result
    }

    /// OC-2.
    fn new_user_client(
        &self,
        provider: ObjectKey,
        request: &OpenRequest<'_>,
    ) -> (IoReturn, Option<Arc<dyn UserClient>>) {
        let kernel = self.shared.lock();
        if provider == kernel.resources || provider == kernel.user_resources {
            return (IoReturn::UNSUPPORTED, None);
        }
        let driver = kernel
            .entry(provider)
            .and_then(|entry| Some(entry.hooks.as_ref()?.driver.clone()))
            .unwrap_or_default();
        let property = kernel.entry(provider).and_then(|entry| entry.properties.get(USER_CLIENT_CLASS));
        let named = property.and_then(Value::as_str).map(str::to_owned);
        let class = named.map(|name| {
            let is_user_client = kernel
                .classes
                .find(&name)
                .zip(kernel.classes.find("IOUserClient"))
                .map(|(class, user_client)| kernel.classes.is_kind_of(class, user_client));
            (is_user_client, kernel.user_client_classes.get(&name).cloned())
        });
        drop(kernel);
        match driver {
            NubDriver::Long(driver) => return self.make_client(&*driver, request),
            NubDriver::Short(driver) => match self.make_client(&*driver, request) {
                (code, client) if code.is_success() => return (code, client),
                (_, refused) => {
                    self.shared.lock().garbage.push(Box::new(refused));
                }
            },
            NubDriver::Default => {}
        }
        match class {
            None => (IoReturn::UNSUPPORTED, None),
            Some((Some(false), _)) => (IoReturn::UNSUPPORTED, None),
            Some((_, None)) => (IoReturn::NO_MEMORY, None),
            Some((_, Some(class))) => match self.make_client(&*class, request) {
                (code, Some(client)) if code.is_success() => (code, Some(client)),
                // A class that panicked is broken, any other has made nothing.
                (IoReturn::INTERNAL_ERROR, _) => (IoReturn::INTERNAL_ERROR, None),
                (_, refused) => {
                    self.shared.lock().garbage.push(Box::new(refused));
                    (IoReturn::NO_MEMORY, None)
                }
            },
        }
    }

    /// The kernel's object for a user client: the one that it has if the driver hands out an instance again.
    /// `kIOReturnError` for a class that is none of user clients (OC-1).
    fn client_object(
        &self,
        provider: ObjectKey,
        user_client: Arc<dyn UserClient>,
    ) -> Result<Arc<Client>, IoReturn> {
        let path = self.shared.in_driver("getMetaClass", || user_client.class())?;
        let properties = self.shared.in_driver("init", || user_client.properties())?;
        let mut kernel = self.shared.lock();
        let known = kernel.clients(provider).find_map(|child| {
            let client = kernel.entry(child)?.client.as_ref()?;
            Arc::ptr_eq(&client.user_client, &user_client).then(|| Arc::clone(client))
        });
        if let Some(client) = known {
            kernel.retain(client.object);
            return Ok(client);
        }
        let class = kernel.classes.define_path(path, "IOUserClient");
        let user_clients = kernel.classes.define("IOUserClient", "IOService");
        if !kernel.classes.is_kind_of(class, user_clients) {
            kernel.garbage.push(Box::new(user_client));
            return Err(IoReturn::ERROR);
        }
        let mut entry = Entry::default();
        for (key, value) in properties {
            entry.properties.insert(key, value);
        }
        let object = kernel.make_entry(class, entry);
        let client = Arc::new(Client::new(user_client, object));
        if let Some(entry) = kernel.entry_mut(object) {
            entry.client = Some(Arc::clone(&client));
        }
        Ok(client)
    }

    /// From `initWithTask` to the sandbox's filter (OC-2 … OC-6, OC-8).
    fn admit(
        &self,
        provider: ObjectKey,
        client: &Arc<Client>,
        request: &OpenRequest<'_>,
    ) -> Result<(), IoReturn> {
        if client.policy.get().is_none() {
            self.start_client(provider, client, request)?;
        }
        let result =
            self.check_properties(client, request.caller).and_then(|()| self.check_policy(client, request));
        if result.is_err() {
            self.shared.close_client(client);
        }
        result
    }

    /// `initWithTask`, `attach`, `start` (OC-2).
    fn start_client(
        &self,
        provider: ObjectKey,
        client: &Arc<Client>,
        request: &OpenRequest<'_>,
    ) -> Result<(), IoReturn> {
        let user_client = &client.user_client;
        if !self.shared.in_driver("initWithTask", || user_client.init_with_task(request))? {
            return Err(self.discard(client, IoReturn::BAD_ARGUMENT));
        }
        let (kernel, attached) = self.shared.lock().attach_in_time(client.object, provider);
        drop(kernel);
        if !attached {
            return Err(self.discard(client, IoReturn::UNSUPPORTED));
        }
        let started = self.shared.in_driver("start", || user_client.start(request.provider));
        if !started.unwrap_or(false) {
            self.shared.lock().detach(client.object, provider);
            return Err(self.discard(client, started.err().unwrap_or(IoReturn::UNSUPPORTED)));
        }
        Ok(())
    }

    /// A user client that never got to run: nothing keeps it but whoever is opening it.
    fn discard(&self, client: &Arc<Client>, code: IoReturn) -> IoReturn {
        let mut kernel = self.shared.lock();
        let kept = kernel.entry_mut(client.object).and_then(|entry| entry.client.take());
        kernel.garbage.push(Box::new(kept));
        code
    }

    /// Creator, locking policy, entitlement (OC-3 … OC-5).
    fn check_properties(&self, client: &Arc<Client>, caller: &Caller) -> Result<(), IoReturn> {
        let mut kernel = self.shared.lock();
        let is_2022 = kernel.is_kind_of(client.object, "IOUserClient2022");
        let mut locking = Ok(());
        if let Some(entry) = kernel.entry_mut(client.object) {
            let Caller { pid, name, .. } = caller;
            entry.properties.insert(CREATOR, format!("pid {pid}, {name}"));
            // Whatever is not boolean false counts as true.
            let stated = |key| entry.properties.get(key).map(|value| value.as_bool() != Some(false));
            let keys = [DEFAULT_LOCKING, SET_PROPERTIES_LOCKING, SINGLE_THREAD_LOCKING].map(stated);
            let [default, set_properties, single_thread] = match keys {
                [None, None, None] if !is_2022 => {
                    entry.properties.insert(DEFAULT_LOCKING, true);
                    [true, false, false]
                }
                stated => {
                    if is_2022 && stated.contains(&None) {
                        locking = Err(IoReturn::ERROR);
                    }
                    stated.map(|value| value.unwrap_or(false))
                }
            };
            let shared_instance = entry.properties.get(SHARED_INSTANCE).is_some();
            let policy =
                ClientPolicy { locking: Locking { default, set_properties, single_thread }, shared_instance };
            // Read at the first open of the object alone (OC-4).
            client.policy.get_or_init(|| policy);
        }
        let entitlement =
            kernel.entry(client.object).and_then(|entry| entry.properties.get(ENTITLEMENTS)).cloned();
        let allowed = match entitlement {
            None => !is_2022,
            Some(value) => match (value.as_bool(), value.as_str()) {
                (Some(false), _) => true,
                (_, Some(entitlement)) => caller.has_entitlement(entitlement),
                _ => false,
            },
        };
        // The refusal by entitlement overrides the one by locking.
        if allowed { locking } else { Err(IoReturn::NOT_PRIVILEGED) }
    }

    /// OC-6.
    fn check_policy(&self, client: &Arc<Client>, request: &OpenRequest<'_>) -> Result<(), IoReturn> {
        let kernel = self.shared.lock();
        let policy = Arc::clone(&kernel.policy);
        let class = kernel.classes.name(kernel.objects[client.object].class).to_owned();
        drop(kernel);
        let OpenRequest { caller, connection_type, .. } = *request;
        let allowed = thread::in_driver(std::ptr::null(), || {
            policy.allows_client_open(caller, &class, connection_type)
        });
        if !allowed? {
            return Err(IoReturn::NOT_PERMITTED);
        }
        let filter = thread::in_driver(std::ptr::null(), || policy.filter(caller, &class, connection_type));
        let filter: Option<Filter> = match filter? {
            Ok(filter) => filter,
            Err(IoReturn::UNSUPPORTED) => None,
            Err(code) => return Err(code),
        };
        if let Some(filter) = filter {
            client.set_filter(self.key, filter);
        }
        Ok(())
    }
}

impl Task {
    /// OC-16. Takes no lock of the connection's (EM-15).
    pub(in crate::sim) fn get_service(&self, connect: PortName) -> Result<PortName, IoReturn> {
        let kernel = self.send(connect)?;
        let client = Arc::clone(kernel.connection(self.key, connect)?);
        drop(kernel);
        self.driver_is_called();
        let named = self.shared.in_driver("getService", || client.user_client.get_service());
        self.shared.let_go(client);
        settle_pending();
        let id = named?.ok_or(IoReturn::UNSUPPORTED)?;
        let mut kernel = self.shared.lock();
        let service = kernel.entries.get(&id).copied().ok_or(IoReturn::UNSUPPORTED)?;
        kernel.vend(self.key, service)
    }

    /// OC-17.
    pub(in crate::sim) fn add_client(&self, connect: PortName, other: PortName) -> Result<(), IoReturn> {
        let kernel = self.send(connect)?;
        let other = kernel.send_argument(self.key, other)?;
        let client = Arc::clone(kernel.connection(self.key, connect)?);
        let other = match other.map(|port| &kernel.ports[port].kind) {
            Some(PortKind::Connect(other)) => Arc::clone(other),
            _ => return Err(IoReturn::BAD_ARGUMENT),
        };
        drop(kernel);
        let code = client.exclusively_by_default(&self.shared, || {
            self.driver_is_called();
            self.shared.run_driver("connectClient", || client.user_client.connect_client(&other.user_client))
        });
        self.shared.let_go(client);
        self.shared.let_go(other);
        settle_pending();
        code.result()
    }

    /// Has a driver make a user client.
    fn make_client(
        &self,
        driver: &dyn Driver,
        request: &OpenRequest<'_>,
    ) -> (IoReturn, Option<Arc<dyn UserClient>>) {
        let mut client = None;
        let code = self.shared.run_driver("newUserClient", || driver.new_user_client(request, &mut client));
        (code, client)
    }
}
