//! Ship it: entitlements, sandbox, hardened runtime, privileges.
//!
//! What works on the author's Mac is refused on others, because of how a program is signed, who runs it, and where it was
//! bought. This chapter is about who refuses, how that looks, and what to do.
//!
//! **Nothing here was tried on a Mac by this project.** What the kernel does is read in Apple's published sources, what signing
//! and the sandbox want in Apple's documentation, and where only a public report says so, the report is named. Try your own
//! program as your users get it, before they do.
//!
//! # Who refuses, in which order
//!
//! Finding a service, and reading its properties, is mostly free. Opening is where permission is asked for:
//!
//! 1. the policy of the system, on the service: `kIOReturnNotPermitted`;
//! 2. the driver, when it makes the user client: any code, mostly `kIOReturnNotPrivileged` for a user who is no administrator,
//!    `kIOReturnExclusiveAccess` for a device that is in use, `kIOReturnUnsupported` if there is no user client at all. For a
//!    driver of DriverKit the kernel checks entitlements here: `kIOReturnNotPermitted`;
//! 3. an entitlement that the user client asks for by its property `IOUserClientEntitlements`: `kIOReturnNotPrivileged`;
//! 4. the policy of the system again, on the user client's class: `kIOReturnNotPermitted`;
//! 5. a filter that the sandbox puts before the connection: any code.
//!
//! Then, in each call: the filter; the entitlement of the method, if the driver's table has one, `kIOReturnNotPrivileged`; and
//! the driver itself. These are rules OC-1 to OC-6, OC-21, EM-11 and EM-21 of `docs/kernel-semantics.md`.
//!
//! So the two codes say different things. **`kIOReturnNotPrivileged` comes from the driver's side**: it wants another user, or
//! an entitlement of the driver's own. **`kIOReturnNotPermitted` comes from the system's side**: the sandbox, or a signature
//! without the right entitlements.
//!
//! # What the kernel's log says
//!
//! The code does not say which of these it was. The log does. Ask a user for it:
//!
//! ```sh
//! log show --last 5m --predicate 'process == "kernel"' | grep -E 'IOUC|deny\(|DK:|AMFI'
//! ```
//!
//! | in the log | what refused | what to do |
//! |---|---|---|
//! | `IOUC <class> missing entitlement in process <pid and name>` | the user client's entitlement | ask the driver's author which, and for a signature with it |
//! | `IOUC <class> failed MACF in process …` | the system's policy | [the sandbox](#app-sandbox) |
//! | `IOUC <class> failed sandbox in process …` | the sandbox's filter | [the sandbox](#app-sandbox) |
//! | `Sandbox: <name>(<pid>) deny(1) iokit-open-user-client <class>` | the sandbox | the class there is the one for the exception |
//! | `System Policy: <name>(<pid>) deny(1) iokit-open-service <class>` | a policy for all programs | run where it allows it: not all can be lifted |
//! | `DK: <class>:UC failed userclient-access check, needed bundle ID <id>` | DriverKit | [the entitlement](#a-driver-of-driverkit), with that identifier |
//! | `DK: <class>:UC entitlements check failed`, and no line before it | DriverKit | the entitlement is there, and lists another driver |
//! | `AMFI: … restricted entitlements …` | the launch itself | [a profile](#entitlements-need-a-profile) |
//!
//! The lines with `IOUC` and `DK` are in Apple's sources, those with `deny` and `AMFI` are from public reports. A kernel of
//! another version may word them otherwise.
//!
//! # A command-line program of your own
//!
//! A program without a sandbox may open the user client of a kernel extension unless the driver or a policy for all programs
//! refuses. Nothing special has to be signed into it. To give it to others it is signed and notarized, with the hardened runtime:
//!
//! ```sh
//! codesign --force --timestamp --options runtime --sign "Developer ID Application: …" target/release/pump
//! ditto -c -k target/release/pump pump.zip
//! xcrun notarytool submit pump.zip --keychain-profile "…" --wait
//! ```
//!
//! The [hardened runtime] forbids memory that is written and run, libraries of other signers, and the like, and guards the
//! camera, the microphone and personal data. Apple's list of that names nothing of I/O Kit's, and this library does nothing
//! of what it names. The ticket of the notary cannot be stapled to a bare program or a zip file, only to a bundle, a disk
//! image or a package; without it the Mac asks Apple's servers.
//!
//! [hardened runtime]: https://developer.apple.com/documentation/security/hardened-runtime
//!
//! # Privileges
//!
//! A driver can ask for an administrator (`clientHasPrivilege`), and many do for whatever changes something. That is
//! `kIOReturnNotPrivileged`, from the open or from a call. Tell your user so, by name; do not ask for root where only one
//! method wants it.
//!
//! - For a tool, `sudo` is enough.
//! - An app has a helper that runs as root, installed with the user's consent: [`SMAppService`] since macOS 13. The app
//!   talks to it by XPC. Check in the helper who calls, since it does what a driver would not do for that caller.
//! - Root is not everything. Keys of the SMC are the known example: writing them has long wanted root
//!   ([report](https://github.com/hholtmann/smcFanControl/issues/36)), and some have been refused with
//!   `kIOReturnNotPrivileged` even to root in betas of macOS 27 ([report](https://github.com/charlie0129/batt/issues/152)).
//!
//! [`SMAppService`]: https://developer.apple.com/documentation/servicemanagement/smappservice
//!
//! # App Sandbox
//!
//! An app from the Mac App Store must be sandboxed. The sandbox lets it open the user clients that its other entitlements are
//! for, such as [`com.apple.security.device.usb`] for USB devices. For any other there is a [temporary exception], an array
//! of the classes of *user clients*, not of services:
//!
//! ```xml
//! <key>com.apple.security.app-sandbox</key>
//! <true/>
//! <key>com.apple.security.temporary-exception.iokit-user-client-class</key>
//! <array>
//!   <string>com_example_PumpUserClient</string>
//! </array>
//! ```
//!
//! The class is in the log's line, and in the registry below the service while somebody has it open: `ioreg -l`, or
//! `cargo run --example explore -- --host show CLASS`. The exception holds for setting properties too. Apple wants a reason for
//! it when an app is submitted to the store, and may not take it. An app that is not from the store need not be sandboxed.
//!
//! [`com.apple.security.device.usb`]: https://developer.apple.com/documentation/bundleresources/entitlements/com.apple.security.device.usb
//! [temporary exception]: https://developer.apple.com/library/archive/documentation/Miscellaneous/Reference/EntitlementKeyReference/Chapters/AppSandboxTemporaryExceptionEntitlements.html
//!
//! # A driver of DriverKit
//!
//! On macOS the kernel lets a program open a user client of a DriverKit driver if either
//!
//! - the **program** has the entitlement [`com.apple.developer.driverkit.userclient-access`], and among its values is the
//!   driver's bundle identifier: the driver's, not the program's; or
//! - the **driver** has [`com.apple.developer.driverkit.allow-any-userclient-access`]. Then any program may.
//!
//! Else it is `kIOReturnNotPermitted`. The driver's `NewUserClient` has run by then, and its own log looks like success. On
//! iPadOS it is other entitlements.
//!
//! ```xml
//! <key>com.apple.developer.driverkit.userclient-access</key>
//! <array>
//!   <string>com.example.pump.driver</string>
//! </array>
//! ```
//!
//! Both are given by Apple on request. Finding the right service matters too: many drivers of DriverKit are an `IOUserService`
//! to the kernel, and the first of these may be Apple's, which refuses with the same code. Match by name and by bundle
//! identifier, as in [`describe`](super::describe).
//!
//! [`com.apple.developer.driverkit.userclient-access`]: https://developer.apple.com/documentation/bundleresources/entitlements/com.apple.developer.driverkit.userclient-access
//! [`com.apple.developer.driverkit.allow-any-userclient-access`]: https://developer.apple.com/documentation/bundleresources/entitlements/com.apple.developer.driverkit.allow-any-userclient-access
//!
//! # Entitlements need a profile
//!
//! Whoever signs can write any entitlement into a signature. Some are *restricted*: the kernel kills a program that has one
//! at its launch, with a line of `AMFI` in the log ([report](https://developer.apple.com/forums/thread/791996)), unless a
//! provisioning profile of Apple's allows it. The profile lies in a bundle, at `Contents/embedded.provisionprofile`. So a bare
//! program from `cargo build` cannot have such an entitlement: it goes into an `.app`, be it one without windows. Apple's
//! article "Signing a daemon with a restricted entitlement" shows how.
//!
//! ```sh
//! codesign --force --timestamp --options runtime --entitlements pump.entitlements --sign "…" Pump.app
//! codesign -d --entitlements - --xml Pump.app | plutil -p -
//! security cms -D -i Pump.app/Contents/embedded.provisionprofile | plutil -extract Entitlements xml1 -o - -
//! ```
//!
//! What the first line signs, the second shows, and the third says what the profile allows. Both have to name the driver.
//! Entitlements belong to the program: a library has none, so whoever links yours has to sign them. Say so in your README.
//!
//! # Other gates
//!
//! - **Keyboards and other input devices**: opening one asks the user for Input Monitoring, and a program in the background that
//!   cannot ask is refused ([report](https://medium.com/nerd-for-tech/what-to-do-when-your-macos-daemon-gets-blocked-by-tcc-dialogues-d3a1b991151f)).
//! - **A device that a driver of the system's has**: `kIOReturnExclusiveAccess`. There is no asking it to go away, but for
//!   [`com.apple.vm.device-access`] with Apple's own library for USB hosts.
//! - **No user client**: `kIOReturnUnsupported`. Many services have none; look at what is above and below them.
//!
//! [`com.apple.vm.device-access`]: https://developer.apple.com/documentation/bundleresources/entitlements/com.apple.vm.device-access
//!
//! # Try each refusal
//!
//! What your library says to its user can be tried without a Mac: tasks of the simulated machine have users and entitlements,
//! and a [`Policy`] is the sandbox.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! use iokit_uc::interface::Privilege;
//! use iokit_uc::sim::{Caller, Machine, Nub, OpenRequest, Policy};
//! use iokit_uc::{IoReturn, Result, user_client};
//!
//! #[user_client(service = "com_example_Pump", entitlement = "com.example.pump")]
//! trait Pump {
//!     /// Rinses the line; for administrators.
//!     #[uc(selector = 0)]
//!     fn rinse(&self) -> Result<()>;
//! }
//!
//! struct Model {
//!     caller: Caller,
//! }
//!
//! impl Pump for Model {
//!     fn rinse(&self) -> Result<()> {
//!         Ok(self.caller.require(Privilege::Administrator)?)
//!     }
//! }
//!
//! /// Lets no program open user clients that its exception does not list.
//! struct Sandbox {
//!     exceptions: &'static [&'static str],
//! }
//!
//! impl Policy for Sandbox {
//!     fn allows_client_open(&self, _: &Caller, class: &str, _: u32) -> bool {
//!         self.exceptions.contains(&class)
//!     }
//! }
//!
//! const CLASS: &[&str] = &["com_example_PumpUserClient", "IOUserClient2022"];
//! let machine = Machine::new();
//! machine.publish(Nub::new("com_example_Pump").user_client(|request: &OpenRequest<'_>| {
//!     Ok(PumpServer::new(Model { caller: request.caller.clone() }).class_path(CLASS))
//! }));
//! let rinse = |caller: &Caller| PumpClient::open_first(&machine.task_of(caller.clone()).kernel())?.rinse();
//!
//! let mut caller = Caller::new("pump", 200);
//! assert_eq!(rinse(&caller).unwrap_err(), IoReturn::NOT_PRIVILEGED); // the user client's entitlement
//! caller.entitlements.insert("com.example.pump".into(), true);
//! assert_eq!(rinse(&caller).unwrap_err(), IoReturn::NOT_PRIVILEGED); // the driver: no administrator
//! caller.uid = 0;
//! assert_eq!(rinse(&caller), Ok(()));
//!
//! machine.set_policy(Sandbox { exceptions: &[] });
//! assert_eq!(rinse(&caller).unwrap_err(), IoReturn::NOT_PERMITTED);
//! machine.set_policy(Sandbox { exceptions: &["com_example_PumpUserClient"] });
//! assert_eq!(rinse(&caller), Ok(()));
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! The two errors with the same code tell themselves apart by the call that they name: `IOServiceOpen`, and `Pump::rinse
//! (selector 0)`.
//!
//! # What runs where
//!
//! - The library passes 0 for the main port and links none of its two names, of which one is new in macOS 12 and the other
//!   deprecated. The oldest macOS is that of Rust's target, or what you set in `MACOSX_DEPLOYMENT_TARGET`.
//! - Build for both processors and join them: `lipo -create -output pump …`.
//! - A service's class can change from one macOS to the next: match by what it conforms to, and look for the other name if
//!   there is none by the first.
//!
//! # When a user writes
//!
//! Ask for four things: the whole text of the error, what `sw_vers` says, what the log says, and the registry around the
//! device, by `ioreg -a -l -w 0` into a file, which the feature `archive` turns into a machine to test on. Mind that a registry
//! has serial numbers in it. What a program and its driver said to each other is a fifth: a trace, of which
//! [`record`](super::record) tells how it is made and redacted.
//!
//! A program that logs by the crate `tracing` has the calls in its log, with the feature of that name: each is a span, with
//! the method, the code and the time it took.
//!
#![cfg_attr(feature = "sim", doc = include_str!("sim_links.md"))]
#![cfg_attr(not(feature = "sim"), doc = include_str!("no_sim_links.md"))]
