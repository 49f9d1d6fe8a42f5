//! What handles show of themselves by `Debug`.

use iokit_uc::backend::{Backend, Function, MAIN_PORT_DEFAULT, NULL};
use iokit_uc::interface::{Arguments, EntryId, OnClose, UserClient};
use iokit_uc::memory::{CacheMode, MapOptions, MemoryDescriptor};
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::trace::{Replay, ReplayMode, Trace};
use iokit_uc::{
    DataQueue, Error, IoReturn, IterateOptions, Kernel, Mapping, Matching, NotificationPort, Object, Plane,
    RegistryEntry, Result, Service, ServiceNotification,
};
use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

const CLASS: &str = "com_example_Driver";

fn find(kernel: &Kernel) -> Service {
    Service::expect_first(kernel, &Matching::class(CLASS)).unwrap()
}

/// What is shown, with numbers of ports, which may be any, as `#`.
fn shown(handle: &impl Debug) -> String {
    let text = format!("{handle:?}");
    let mut parts = text.split("port: 0x");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| {
        shown + "port: #" + part.trim_start_matches(|digit: char| digit.is_ascii_hexdigit())
    })
}

#[test]
fn a_service_shows_class_name_id_and_path() {
    let machine = Machine::new();
    machine.define_class("IODevice", "IOService");
    let device = machine.publish(Nub::new("IODevice").name("bus").location("2"));
    let driver = machine.publish(Nub::new(CLASS).name("left").provider(device));
    let kernel = machine.task("client").kernel();
    let service = find(&kernel);
    let expected = format!(
        r#" {{ class: "{CLASS}", name: "left", id: {driver}, path: "IOService:/bus@2/left", port: # }}"#
    );
    assert_eq!(shown(&service), format!("Service{expected}"));
    let entry: &RegistryEntry = &service;
    assert_eq!(shown(entry), format!("RegistryEntry{expected}"));
    let object: &Object = entry;
    assert_eq!(shown(object), format!("Object{expected}"));
    assert!(format!("{service:?}").contains(&format!("port: {:#x} }}", service.as_raw())));
    assert!(format!("{service:#?}").contains("\n    name: \"left\",\n"), "{service:#?}");
}

#[test]
fn an_entry_shows_its_path_in_the_first_plane_that_it_is_in() {
    let machine = Machine::new();
    let kernel = machine.task("client").kernel();
    let root = RegistryEntry::root(&kernel).unwrap();
    let both = machine.publish(Nub::new(CLASS).name("both").name_in("IODeviceTree", "node"));
    let parent = EntryId(root.id().unwrap());
    machine.attach_in("IODeviceTree", both, parent).unwrap();
    let service = find(&kernel);
    assert!(shown(&service).contains(r#"path: "IOService:/both""#), "{service:?}");
    let provider = service.parent(&Plane::SERVICE).unwrap().unwrap().id().unwrap();
    machine.detach_in("IOService", both, EntryId(provider)).unwrap();
    assert!(shown(&service).contains(r#"path: "IODeviceTree:/""#), "{service:?}");
    assert!(!shown(&root).contains("path") && shown(&root).contains("name: \"Root\""), "{root:?}");
}

#[test]
fn a_path_is_shown_however_long_it_is() {
    let machine = Machine::new();
    let mut provider = None;
    for _ in 0..20 {
        let nub = Nub::new("IOService").name("a".repeat(50));
        provider = Some(machine.publish(match provider {
            Some(provider) => nub.provider(provider),
            None => nub,
        }));
    }
    machine.publish(Nub::new(CLASS).name("last").provider(provider.unwrap()));
    let service = find(&machine.task("client").kernel());
    let path = service.path(&Plane::SERVICE).unwrap();
    assert!(path.len() > 1000 && shown(&service).contains(&path), "{service:?}");
}

#[test]
fn a_service_that_is_gone_shows_the_code_that_says_so() {
    let machine = Machine::new();
    let driver = machine.publish(Nub::new(CLASS));
    let service = find(&machine.task("client").kernel());
    machine.terminate(driver, Default::default());
    assert_eq!(shown(&service), "Service { error: IoReturn(MACH_SEND_INVALID_DEST), port: # }");
}

#[test]
fn a_name_that_is_none_shows_that_and_nothing_is_asked() {
    let machine = Machine::new();
    // SAFETY: no reference goes with no name.
    let none = unsafe { Object::from_raw(machine.task("client").kernel(), NULL) };
    assert_eq!(format!("{none:?}"), "Object { port: 0x0 }");
    machine.assert_clean();
}

#[test]
fn an_object_that_is_no_entry_shows_its_class() {
    let machine = Machine::new();
    let kernel = machine.task("client").kernel();
    let mut iterator = NULL;
    let code = kernel.io_registry_create_iterator(MAIN_PORT_DEFAULT, c"IOService", 0, &mut iterator);
    assert!(code.is_success());
    // SAFETY: the name has just come, with a reference.
    let object = unsafe { Object::from_raw(kernel, iterator) };
    assert_eq!(shown(&object), r#"Object { class: "IOUserIterator", port: # }"#);
}

#[test]
fn an_iterator_shows_whether_the_registry_has_changed_under_it() {
    let machine = Machine::new();
    machine.publish(Nub::new(CLASS));
    let kernel = machine.task("client").kernel();
    let provider = find(&kernel).parent(&Plane::SERVICE).unwrap().unwrap();
    let mut all = provider.iterate(&Plane::SERVICE, IterateOptions::default()).unwrap();
    all.next().unwrap().unwrap();
    assert_eq!(
        shown(&all),
        "RegistryIterator { iterator: Iterator { valid: true, port: # }, over: false, returned: 1 }"
    );
    machine.publish(Nub::new(CLASS));
    assert!(shown(&all).contains("valid: false"), "{all:?}");
    let services = Service::all(&kernel, &Matching::class(CLASS)).unwrap();
    assert_eq!(shown(&services), "Services(Some(Iterator { valid: true, port: # }))");
    let children = RegistryEntry::root(&kernel).unwrap().children(&Plane::SERVICE).unwrap();
    assert_eq!(shown(&children), "Entries(Iterator { valid: true, port: # })");
}

/// A user client that maps 64 bytes, and remembers what it was asked.
struct Asked {
    memory: MemoryDescriptor,
    asked: Arc<Mutex<Vec<&'static str>>>,
}

impl UserClient for Asked {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        self.asked.lock().unwrap().push("external method");
        Ok(())
    }

    fn get_service(&self) -> Option<EntryId> {
        self.asked.lock().unwrap().push("service");
        None
    }

    fn client_memory_for_type(
        &self,
        memory_type: u32,
        _: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        self.asked.lock().unwrap().push("memory");
        *memory = Some(match memory_type {
            0 => self.memory.clone(),
            _ => DataQueue::<[u32; 2]>::with_entries(4)?.descriptor().cloned().unwrap(),
        });
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

#[test]
fn connections_and_what_they_have_mapped_show_the_service_and_ask_no_driver() -> Result<(), Error> {
    let machine = Machine::new();
    let asked = Arc::<Mutex<Vec<&str>>>::default();
    let (memory, seen) = (MemoryDescriptor::new(64)?, Arc::clone(&asked));
    let driver = machine.publish(
        Nub::new(CLASS).user_client(move |_| Ok(Asked { memory: memory.clone(), asked: Arc::clone(&seen) })),
    );
    let kernel = machine.task("client").kernel();
    let service = find(&kernel);
    let connection = service.open(3)?;
    let mapping: Mapping<[u32]> = connection.map_memory(0, CacheMode::Default)?;
    let queue = connection.data_queue::<[u32; 2]>(1)?;
    asked.lock().unwrap().clear();
    let rights = (service.send_rights()?, service.kernel_retain_count());

    let its_service = format!(
        r#"Service {{ class: "{CLASS}", name: "{CLASS}", id: {driver}, path: "IOService:/{CLASS}", port: # }}"#
    );
    let open = format!("Connection {{ service: {its_service}, connection_type: 3, port: # }}");
    assert_eq!(shown(&connection), open);
    let text = shown(&mapping);
    assert!(text.starts_with("Mapping { type: \"[u32]\", address: 0x"), "{text}");
    let end = format!("memory: IOConnectMapMemory64 (memory type 0), connection: {open} }}");
    assert!(text.contains("size: 64, ") && text.ends_with(&end), "{text}");
    let text = shown(&queue);
    assert!(text.starts_with("DataQueue { capacity: ") && text.contains("memory type 1"), "{text}");
    assert_eq!((service.send_rights()?, service.kernel_retain_count()), rights);

    connection.close()?;
    assert!(shown(&mapping).contains("connection_type: 3, closed: true, port: #"), "{mapping:?}");
    assert_eq!(*asked.lock().unwrap(), [""; 0]);
    drop((queue, mapping, service));
    machine.assert_clean();
    Ok(())
}

#[test]
fn a_connection_shows_a_service_that_is_gone() {
    let machine = Machine::new();
    let asked = Arc::<Mutex<Vec<&str>>>::default();
    let driver =
        machine.publish(Nub::new(CLASS).user_client(move |_| {
            Ok(Asked { memory: MemoryDescriptor::new(64)?, asked: Arc::clone(&asked) })
        }));
    let connection = find(&machine.task("client").kernel()).open(0).unwrap();
    machine.terminate(driver, Default::default());
    let expected = "Connection { service: Service { error: IoReturn(MACH_SEND_INVALID_DEST), port: # }, \
                    connection_type: 0, port: # }";
    assert_eq!(shown(&connection), expected);
}

#[test]
fn handles_can_be_shown_where_a_driver_runs() {
    /// Shows a handle of a task's from within a call, and as it closes.
    struct Shows(Arc<Mutex<Option<Service>>>, Arc<Mutex<Vec<String>>>);

    impl Shows {
        fn show(&self) {
            let service = self.0.lock().unwrap();
            self.1.lock().unwrap().push(shown(&*service));
        }
    }

    impl UserClient for Shows {
        fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
            self.show();
            Ok(())
        }

        fn client_close(&self) -> OnClose {
            self.show();
            OnClose::Terminate
        }
    }

    let machine = Machine::new();
    let (handle, texts) = (Arc::<Mutex<Option<Service>>>::default(), Arc::<Mutex<Vec<String>>>::default());
    let given = (Arc::clone(&handle), Arc::clone(&texts));
    machine
        .publish(Nub::new(CLASS).user_client(move |_| Ok(Shows(Arc::clone(&given.0), Arc::clone(&given.1)))));
    let service = find(&machine.task("client").kernel());
    let connection = service.open(0).unwrap();
    *handle.lock().unwrap() = Some(service);
    connection.call(0).send().unwrap();
    connection.close().unwrap();
    let expected = shown(&*handle.lock().unwrap());
    assert!(expected.contains(CLASS), "{expected}");
    assert_eq!(*texts.lock().unwrap(), [expected.clone(), expected]);
    handle.lock().unwrap().take();
}

/// A file in memory.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_shown_is_in_no_recording_and_parts_no_replay() {
    let machine = Machine::new();
    machine.publish(Nub::new(CLASS));
    let sink = Sink::default();
    let recording = Kernel::recording(machine.task("client").kernel(), sink.clone());
    let service = find(&recording);
    assert!(shown(&service).starts_with(&format!("Service {{ class: \"{CLASS}\", ")), "{service:?}");
    drop((service, recording));
    let trace = Trace::read(&*sink.0.lock().unwrap().clone()).unwrap();
    assert!(!trace.calls().is_empty());
    assert!(!trace.calls().iter().any(|call| call.function == Function::IOObjectGetClass), "{trace:?}");

    let replay = Replay::new(trace, ReplayMode::Strict);
    let service = find(&Kernel::replay(replay.clone()));
    assert_eq!(shown(&service), "Service { port: # }");
    drop(service);
    replay.finish().unwrap();
}

#[test]
fn a_notification_port_shows_its_name_and_who_waits() {
    let machine = Machine::new();
    let port = NotificationPort::new(&machine.task("client").kernel()).unwrap();
    let text = format!("{port:?}");
    assert!(text.starts_with(&format!("NotificationPort {{ port: {:#x}, waiting: 0, ", port.mach_port())));

    let mut events = port.services(ServiceNotification::FirstMatch, &Matching::class(CLASS)).unwrap();
    let shown =
        |over| format!("Notifications {{ call: IOServiceAddMatchingNotification, lost: 0, over: {over} }}");
    assert_eq!(format!("{events:?}"), shown(false));
    assert!(format!("{port:?}").contains("waiting: 1"), "{port:?}");
    drop(port);
    assert_eq!(events.wait().unwrap().unwrap_err(), IoReturn::ABORTED);
    assert_eq!(format!("{events:?}"), shown(true));
}
