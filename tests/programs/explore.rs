//! `explore`: what it shows, calls and dumps, and what it advises.

use super::explore::command::Command;
use super::explore::{PROGRAM, execute, hex};
use iokit_uc::backend::Function;
use iokit_uc::interface::{Arguments, OnClose, UserClient};
use iokit_uc::memory::{MapOptions, MemoryDescriptor};
use iokit_uc::sim::{Caller, Fault, Machine, Nub, When};
use iokit_uc::{IoReturn, Matching, Result, Service, Value};

every_example!("list");

#[test]
fn explains_itself() {
    assert_eq!(run(&["--help"]), (0, PROGRAM.usage.into(), String::new()));
}

#[test]
fn lists_the_services_of_a_class() {
    let expected = "\
0x100000108  IOPCIDevice                  IGPU@2
0x10000010a  IOPCIDevice                  ANS2@1d
0x100000114  IOPCIDevice                  XHC1@14
";
    assert_eq!(run(&["list", "IOPCIDevice"]), (0, expected.into(), String::new()));
    let complaint = "error: there is no service of class `NoSuchClass`\n";
    assert_eq!(run(&["list", "NoSuchClass"]), (1, String::new(), complaint.into()));
    let (_, services, _) = run(&["list"]);
    assert!(services.lines().count() > 20 && services.contains("AppleSmartBattery\n"), "{services}");
}

#[test]
fn shows_a_service_however_it_is_named() {
    let expected = r#"AppleIntelFramebuffer@0
  id        0x100000109
  classes   AppleIntelFramebuffer < IOFramebuffer < IOGraphicsDevice < IOService < IORegistryEntry < OSObject
  bundle    com.apple.driver.AppleIntelCFLGraphicsFramebuffer
  state     registered, matched, active, busy 0
  path      IOService:/AppleACPIPlatformExpert/PCI0@0/AppleACPIPCI/IGPU@2/AppleIntelFramebuffer@0
  path      IOPower:/IGPU@2/AppleIntelFramebuffer@0
    "IOClass" = "AppleIntelFramebuffer"
    "IOFBDependentIndex" = 0u64
    "IOFBMemorySize" = 307200u64
    "IOFBTransform" = 0u64
    "model" = "Color LCD"
"#;
    let path = "IOService:/AppleACPIPlatformExpert/PCI0@0/AppleACPIPCI/IGPU@2/AppleIntelFramebuffer@0";
    for service in ["IOFramebuffer", "name=AppleIntelFramebuffer", "id=0x100000109", "id=4294967561", path] {
        assert_eq!(run(&["show", service]), (0, expected.into(), String::new()), "{service}");
    }
}

#[test]
fn a_service_that_is_not_there_is_an_error_that_says_what_was_looked_for() {
    for (service, complaint) in [
        ("NoSuchClass", "`NoSuchClass`"),
        ("name=nobody", "`nobody`"),
        ("id=0x17", "there is no service 0x17"),
        ("IOService:/Nowhere", "there is nothing at `IOService:/Nowhere`"),
    ] {
        let (code, out, complaints) = run(&["show", service]);
        assert_eq!((code, &*out), (1, ""), "{service}");
        assert!(complaints.contains(complaint), "{service}: {complaints}");
    }
}

/// What a command prints on a machine, or why it prints nothing.
fn done(machine: &Machine, words: &[&str]) -> Result<String, String> {
    use super::explore::cli::Failure;
    let mut out = Vec::new();
    let done =
        Command::parse(words).and_then(|command| execute(&command, &machine.task("test").kernel(), &mut out));
    match done {
        Ok(()) => Ok(String::from_utf8(out).unwrap()),
        Err(Failure::Error(error)) => Err(error.to_string()),
        Err(Failure::Usage(complaint)) => panic!("{complaint}"),
    }
}

#[test]
fn lists_the_others_when_a_service_goes_away_meanwhile() {
    let machine = Machine::new();
    for name in ["left", "right"] {
        machine.publish(Nub::new("com_example_Driver").name(name));
    }
    machine.inject(Fault::terminate(When::Before).on(Function::IORegistryEntryGetRegistryEntryID).nth(1));
    let listed = done(&machine, &["list", "com_example_Driver"]).unwrap();
    assert_eq!(listed.lines().count(), 1, "{listed}");
}

#[test]
fn shows_a_service_though_what_is_attached_to_it_goes_away_meanwhile() {
    let machine = Machine::new();
    let driver = machine.publish(Nub::new("com_example_Driver"));
    machine.publish(Nub::new("com_example_Port").provider(driver));
    let gone = Fault::terminate(When::Before).on(Function::IOObjectConformsTo).class("com_example_Port");
    let gone = machine.inject(gone);
    assert!(done(&machine, &["show", "com_example_Driver"]).is_ok());
    assert_eq!(gone.hits(), 1);
}

#[test]
fn shows_who_has_a_service_open() {
    let machine = super::explore::demo::machine().unwrap();
    let server = machine.task_of(Caller::new("WindowServer", 88)).kernel();
    let display = Service::expect_first(&server, &Matching::class("IOFramebuffer")).unwrap();
    let connection = display.open(0).unwrap();
    let shown = done(&machine, &["show", "IOFramebuffer"]).unwrap();
    let client = shown.lines().find(|line| line.starts_with("  client    ")).expect(&shown);
    assert!(client.ends_with(" of pid 88, WindowServer"), "{client}");
    drop((connection, display));
    assert!(!done(&machine, &["show", "IOFramebuffer"]).unwrap().contains("client"));
    machine.assert_clean();
}

#[test]
fn shows_what_a_service_opens_as_and_who_may() {
    let (code, out, _) = run(&["show", "IOPMrootDomain"]);
    assert_eq!(code, 0);
    assert!(out.contains("\n  opens as  RootDomainUserClient\n"), "{out}");

    let machine = Machine::new();
    machine.publish(Nub::new("Driver").user_client(|_| Ok(Entitled)));
    let mut caller = Caller::new("friend", 7);
    caller.entitlements.insert("com.example.use".into(), true);
    let service =
        Service::expect_first(&machine.task_of(caller).kernel(), &Matching::class("Driver")).unwrap();
    let connection = service.open(0).unwrap();
    let shown = done(&machine, &["show", "Driver"]).unwrap();
    let client = shown.lines().find(|line| line.starts_with("  client    ")).expect(&shown);
    let end = " of pid 7, friend, for who has the entitlement `com.example.use`";
    assert!(client.ends_with(end), "{client}");
    drop(connection);

    let refused = done(&machine, &["open", "Driver", "--type", "0"]).unwrap_err();
    assert_eq!(refused, "the service does not open by connection type 0");
}

/// For those with an entitlement.
struct Entitled;

impl UserClient for Entitled {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![("IOUserClientEntitlements", "com.example.use".into())]
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

/// What `open` prints, and whether the service opened.
fn attempted(machine: &Machine, words: &[&str]) -> (String, Option<String>) {
    use super::explore::cli::Failure;
    let mut out = Vec::new();
    let command = Command::parse(words).unwrap_or_else(|_| panic!("{words:?}"));
    let complaint = match execute(&command, &machine.task("test").kernel(), &mut out) {
        Ok(()) => None,
        Err(Failure::Error(error)) => Some(error.to_string()),
        Err(Failure::Usage(complaint)) => panic!("{complaint}"),
    };
    (String::from_utf8(out).unwrap(), complaint)
}

/// Memory 1 can be written, 2 and 3 can be read.
struct Mapped([MemoryDescriptor; 2]);

impl UserClient for Mapped {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        vec![("Colour", "red".into())]
    }

    fn client_memory_for_type(
        &self,
        memory_type: u32,
        options: &mut MapOptions,
        memory: &mut Option<MemoryDescriptor>,
    ) -> Result<()> {
        let [large, small] = &self.0;
        *memory = match memory_type {
            1 => Some(large.clone()),
            2 | 3 => {
                *options = MapOptions::READ_ONLY;
                Some(small.clone())
            }
            _ => return Err(IoReturn::UNSUPPORTED.into()),
        };
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

#[test]
fn opens_a_service_by_every_type_and_tries_its_memory() {
    let machine = Machine::new();
    let memory = [MemoryDescriptor::new(8192).unwrap(), MemoryDescriptor::new(48).unwrap()];
    machine.publish(Nub::new("Driver").user_client(move |request| match request.connection_type {
        0 | 2 => Ok(Mapped(memory.clone())),
        1 => Err(IoReturn::BUSY.into()),
        _ => Err(IoReturn::BAD_ARGUMENT.into()),
    }));
    let (out, complaint) = attempted(&machine, &["open", "Driver", "--type", "0-5", "--memory", "0-6"]);
    let opened = |number, id: &str| {
        format!(
            r#"type {number}: opened
  client    IOUserClient {id} of pid PID, test
    "Colour" = "red"
    "IOUserClientCreator" = "pid PID, test"
    "IOUserClientDefaultLocking" = true
  memory    0: none
  memory    1: 8192 bytes, to read and write
  memory    2: 48 bytes, to read
  memory    3: 48 bytes, to read
  memory    4 to 6: none
"#
        )
    };
    let ids =
        out.lines().filter_map(|line| line.strip_prefix("  client    IOUserClient ")?.split(' ').next());
    let ids: Vec<_> = ids.collect();
    let pid = out.split("of pid ").nth(1).and_then(|rest| rest.split(',').next()).expect(&out);
    let expected = [
        "Driver\n".to_owned(),
        opened(0, ids[0]),
        "type 1: kIOReturnBusy (0xe00002d5, -536870187): device busy\n".into(),
        "  the driver has no room for another client\n".into(),
        "  try again when one has gone: `explore show` tells which there are\n".into(),
        opened(2, ids[1]),
        "type 3 to 5: kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument\n".into(),
        "  the driver does not know this connection type: try another `--type`\n".into(),
        "  `explore open` tries several\n".into(),
    ];
    assert_eq!((out.as_str(), complaint), (&*expected.concat().replace("PID", pid), None));
    machine.assert_clean();
}

#[test]
fn memory_of_a_service_that_goes_away_meanwhile_is_not_said_to_be_none() {
    let machine = Machine::new();
    let memory = [8192, 48].map(|size| MemoryDescriptor::new(size).unwrap());
    machine.publish(Nub::new("Driver").user_client(move |_| Ok(Mapped(memory.clone()))));
    machine.inject(Fault::terminate(When::Before).on(Function::IOConnectMapMemory64).memory_type(2));
    let (out, complaint) = attempted(&machine, &["open", "Driver", "--type", "0", "--memory", "0-6"]);
    assert!(out.ends_with("  memory    0: none\n  memory    1: 8192 bytes, to read and write\n"), "{out}");
    assert!(complaint.as_ref().is_some_and(|text| text.contains("user client is gone")), "{complaint:?}");
    machine.assert_clean();
}

#[test]
fn says_why_a_service_does_not_open_and_what_to_do() {
    let opened = |service| {
        let (code, out, complaints) = run(&["open", service]);
        assert_eq!((code, &*complaints), (1, "error: the service does not open by connection type 0 to 3\n"));
        out
    };
    let out = opened("IOPMrootDomain");
    assert!(out.contains("type 0 to 3: kIOReturnNoMemory"), "{out}");
    assert!(
        out.contains("\n  the kernel cannot make the service's user client `RootDomainUserClient`\n"),
        "{out}"
    );
    let out = opened("AppleUSBXHCI");
    assert!(out.contains("type 0 to 3: kIOReturnNotPrivileged") && out.contains("`sudo`"), "{out}");

    let machine = Machine::new();
    let provider = machine
        .publish(Nub::new("Provider").user_client(|_| Err::<Lavish, _>(IoReturn::EXCLUSIVE_ACCESS.into())));
    machine.publish(Nub::new("Above").provider(provider));
    let (out, complaint) = attempted(&machine, &["open", "Provider", "--type", "3"]);
    assert!(out.contains("\n  it may be the driver Above 0x"), "{out}");
    assert!(out.ends_with("\n  who has it must close it first\n") && complaint.is_some(), "{out}");

    // One that has none, near one that has, and one that has it open.
    let device = machine.publish(Nub::new("Device").property("IOUserClientClass", "DeviceUserClient"));
    machine.publish(Nub::new("Nub").provider(device));
    let (out, _) = attempted(&machine, &["open", "Nub", "--type", "0"]);
    let near = format!("\n  near it, `Device` (id={device}) has `DeviceUserClient`\n");
    assert!(out.ends_with(&near), "{out}");

    machine.publish(
        Nub::new("Closed")
            .property("IOUserClientClass", "ClosedClient")
            .user_client(|_| Err::<Lavish, _>(IoReturn::NOT_PERMITTED.into())),
    );
    let (out, _) = attempted(&machine, &["open", "Closed", "--type", "0"]);
    let sandbox = "name `ClosedClient` in the entitlement `com.apple.security.temporary-exception.iokit-user-client-class`";
    assert!(out.contains(sandbox), "{out}");
    machine.assert_clean();
}

#[test]
fn calls_a_selector_with_scalars() {
    let white = "selector 1 returned kIOReturnSuccess\nscalar 0: 0xffffff (16777215)\n";
    let arguments = ["call", "IOFramebuffer", "1", "0", "0", "--scalars-out", "1"];
    assert_eq!(run(&arguments), (0, white.into(), String::new()));
    let blue = "selector 0x1 returned kIOReturnSuccess\nscalar 0: 0xff (255)\n".replace("0x1", "1");
    let arguments = ["call", "--scalars-out", "0x1", "IOFramebuffer", "0x1", "0x10a", "199"];
    assert_eq!(run(&arguments), (0, blue, String::new()));
}

#[test]
fn calls_a_selector_with_a_structure() {
    // The SMC's command 9, which tells of a key how large its value is.
    let mut request = [0; 80];
    request[..4].copy_from_slice(&u32::from_be_bytes(*b"TC0P").to_le_bytes());
    request[42] = 9;
    let structure: String = request.iter().map(|byte| format!("{byte:02x}")).collect();
    let call = |room| run(&["call", "AppleSMC", "2", "--structure", &structure, "--bytes-out", room]);
    let (code, out, complaints) = call("80");
    assert_eq!((code, &*complaints), (0, ""));
    let expected = "\
selector 2 returned kIOReturnSuccess
structure: 80 bytes
00000000  50 30 43 54 00 00 00 00  00 00 00 00 00 00 00 00  |P0CT............|
00000010  00 00 00 00 00 00 00 00  00 00 00 00 02 00 00 00  |................|
00000020  38 37 70 73 80 00 00 00  00 00 00 00 00 00 00 00  |87ps............|
00000030  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
00000040  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
";
    assert_eq!(out, expected);
    let (code, _, complaints) = call("79");
    assert_eq!(code, 1);
    let advice = "the selector takes other scalars or bytes, or returns others: mind `--scalars-out` and `--bytes-out`\n";
    assert!(complaints.starts_with("error: IOConnectCallMethod"), "{complaints}");
    assert!(complaints.ends_with(advice), "{complaints}");
}

#[test]
fn takes_as_many_bytes_as_there_are() {
    let machine = Machine::new();
    machine.publish(Nub::new("Driver").user_client(|_| Ok(Lavish)));
    let out = done(&machine, &["call", "Driver", "7", "--bytes-out", "any"]).unwrap();
    assert!(
        out.starts_with("selector 7 returned kIOReturnSuccess\nstructure: 5000 bytes\n00000000  2a 2a"),
        "{out}"
    );
    assert_eq!(out.lines().count(), 5, "{out}");
    machine.assert_clean();
}

/// Returns 5000 bytes whatever it is asked.
struct Lavish;

impl UserClient for Lavish {
    fn external_method(&self, _: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        arguments.set_variable_output(vec![b'*'; 5000]).map_err(|_| IoReturn::MESSAGE_TOO_LARGE.into())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

#[test]
fn dumps_memory() {
    let expected = "\
memory 110: 307200 bytes, of which 64 from 0x90 on
00000090  ff ff ff 00 ff ff ff 00  ff ff ff 00 ff ff ff 00  |................|
000000a0  00 ff ff 00 00 ff ff 00  00 ff ff 00 00 ff ff 00  |................|
*
000000c0  00 ff ff 00 00 ff ff 00  00 ff ff 00 00 ff ff 00  |................|
";
    let arguments = ["dump", "IOFramebuffer", "110", "--offset", "0x90", "--length", "64"];
    let (code, out, complaints) = run(&arguments);
    assert_eq!((code, &*complaints), (0, ""));
    assert_eq!(out, expected);
    let (_, out, _) = run(&["dump", "IOFramebuffer", "110", "--offset", "307195"]);
    assert!(out.starts_with("memory 110: 307200 bytes, of which 5 from 0x4affb on\n0004affb  00"), "{out}");
    let (code, _, complaints) = run(&["dump", "IOFramebuffer", "110", "--offset", "307201"]);
    let expected = "error: offset 0x4b001 is past the end: the memory has 307200 bytes\n";
    assert_eq!((code, &*complaints), (1, expected));
}

#[test]
fn advises_when_a_service_does_not_open() {
    for (service, code, advice) in [
        ("AppleSmartBattery", "kIOReturnUnsupported", "the service has no user client"),
        ("IOMedia", "kIOReturnExclusiveAccess", "another program, or a driver, has the service to itself"),
        ("AppleUSBXHCI", "kIOReturnNotPrivileged", "the driver wants an administrator's program"),
    ] {
        let (status, out, complaints) = run(&["call", service, "0"]);
        assert_eq!((status, &*out), (1, ""));
        assert!(complaints.starts_with(&format!("error: IOServiceOpen: {code} (")), "{complaints}");
        assert!(complaints.lines().nth(1).is_some_and(|line| line.starts_with(advice)), "{complaints}");
    }
}

#[test]
fn a_code_that_nothing_is_known_of_is_told_without_advice() {
    let machine = Machine::new();
    let code = IoReturn::FAMILY_VENDOR_SPECIFIC.with_number(7);
    machine.publish(Nub::new("Driver").user_client(move |_| Err::<Lavish, _>(code.into())));
    let error = done(&machine, &["call", "Driver", "0"]).unwrap_err();
    assert!(error.contains("0xe3ff8007") && !error.contains('\n'), "{error}");
}

#[test]
fn advises_when_a_selector_or_a_memory_type_is_wrong() {
    let (_, _, complaints) = run(&["call", "IOFramebuffer", "99"]);
    assert!(complaints.lines().count() == 2, "{complaints}");
    let (_, _, complaints) = run(&["call", "IOFramebuffer", "1", "400", "0", "--scalars-out", "1"]);
    assert!(complaints.contains("kIOReturnBadArgument"), "{complaints}");
    let scalars = ["0"; 17];
    let (_, _, complaints) = run(&[&["call", "IOFramebuffer", "1"], &scalars[..]].concat());
    assert!(complaints.ends_with("\na call takes 16 scalars at most\n"), "{complaints}");
    let (_, _, complaints) = run(&["dump", "IOFramebuffer", "5"]);
    assert!(complaints.contains("\nthe driver may know memory by other types\n"), "{complaints}");
}

#[test]
fn bytes_are_read_and_shown_in_hexadecimal() {
    assert_eq!(hex::parse("00 fF,1:0"), Ok(vec![0, 0xff, 0x10]));
    assert_eq!(hex::parse(""), Ok(vec![]));
    assert_eq!(hex::parse("0"), Err("`0` has an odd number of digits".into()));
    assert_eq!(hex::parse("0é"), Err("`é` in `0é` is no hexadecimal digit".into()));
    let dumped = |begin, bytes: &[u8]| {
        let mut out = Vec::new();
        hex::dump(begin, bytes, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(dumped(0, b""), "");
    assert_eq!(
        dumped(0x10, b"Hello, world\n"),
        "00000010  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a           |Hello, world.|\n"
    );
    let zeros = "00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|";
    assert_eq!(dumped(0, &[0; 64]), format!("00000000  {zeros}\n*\n00000030  {zeros}\n"));
    assert_eq!(dumped(0, &[0; 32]), format!("00000000  {zeros}\n00000010  {zeros}\n"));
}

#[test]
fn complains_of_a_command_line_that_makes_no_sense() {
    let bad = [
        (&[][..], "no command"),
        (&["close"], "unknown command `close`"),
        (&["list", "A", "B"], "unexpected argument `B`"),
        (&["show"], "`show` wants a service"),
        (&["show", "A", "B"], "unexpected argument `B`"),
        (&["call", "A"], "`call` wants a selector"),
        (&["call", "A", "first"], "`first` is no number"),
        (&["call", "A", "0x"], "`0x` is no number"),
        (&["call", "A", "0x+1"], "`0x+1` is no number"),
        (&["call", "A", "4294967296"], "`4294967296` is too large"),
        (&["call", "A", "0", "18446744073709551616"], "`18446744073709551616` is no number"),
        (&["call", "A", "0", "--structure", "f"], "`f` has an odd number of digits"),
        (&["call", "A", "0", "--bytes-out"], "`--bytes-out` wants a number, or `any`"),
        (&["call", "A", "0", "--length", "1"], "`call` has no use for `--length`"),
        (&["dump", "A"], "`dump` wants a memory type"),
        (&["dump", "A", "0", "0"], "unexpected argument `0`"),
        (&["dump", "A", "0", "--structure", ""], "`dump` has no use for `--structure`"),
        (&["list", "--type", "0"], "`list` has no use for `--type`"),
        (&["show", "id=x"], "`x` is no number"),
        (&["open"], "`open` wants a service"),
        (&["open", "A", "B"], "unexpected argument `B`"),
        (&["open", "A", "--type", "3-1"], "`3-1` is no range"),
        (&["open", "A", "--memory", "0-"], "`` is no number"),
        (&["open", "A", "--length", "1"], "`open` has no use for `--length`"),
        (&["call", "A", "0", "--memory", "1"], "`call` has no use for `--memory`"),
        (&["call", "A", "0", "--type", "0-1"], "`call` wants one connection type"),
        (&["list", "-l"], "unknown flag `-l`"),
    ];
    for (arguments, complaint) in bad {
        let expected = format!("error: {complaint}\n\n{}", PROGRAM.usage);
        assert_eq!(run(arguments), (2, String::new(), expected));
    }
}
