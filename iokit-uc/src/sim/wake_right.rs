//! Completing asynchronous calls: `sendAsyncResult64`, over the send right that each call makes to its wake port.

use super::driver_work::DriverWork;
use super::fault::CompletionFaults;
use super::keys::ObjectKey;
use super::notification;
use super::port_right::PortRight;
use super::report::Misuse;
use super::work_loop::{Refused, Sleep};
use crate::error::{IoReturn, Result};
use crate::interface::{self, AsyncReference, DriverFuture, KernelRight, SendOptions};
use std::time::Duration;

/// `kIOAsyncCompletionNotificationType` (CN-9).
const ASYNC_COMPLETION: u32 = 150;

/// `kMaxAsyncArgs` (CN-2).
const ARGUMENTS_MAX: usize = 16;

/// The send right to a wake port that a call makes (AS-2).
pub(super) struct WakeRight {
    right: PortRight,
    /// The user client that was called.
    client: ObjectKey,
    /// What comes to the call's completions.
    faults: Option<Box<CompletionFaults>>,
}

impl WakeRight {
    pub(super) fn new(right: PortRight, client: ObjectKey, faults: Option<Box<CompletionFaults>>) -> Self {
        Self { right, client, faults }
    }

    fn complete_with_faults(
        &self,
        faults: &CompletionFaults,
        reference: &[u64; 8],
        result: IoReturn,
        arguments: &[u64],
        options: SendOptions,
    ) -> IoReturn {
        let message = match faults.failure {
            Some(code) => completion(reference, code, &[]),
            None => completion(reference, result, arguments),
        };
        let mut sent = IoReturn::SUCCESS;
        for _ in 0..faults.copies {
            sent = match faults.delay {
                Some(time) => self.send_later(message.clone(), time, options),
                None => self.right.send(notification::MESSAGE_ID, message.clone(), options),
            };
        }
        sent
    }

    /// Sends a completion when a time has passed, over a right of its own: the driver may have let go of this one by then.
    fn send_later(&self, message: Vec<u8>, time: Duration, options: SendOptions) -> IoReturn {
        let Some(right) = self.right.another() else { return IoReturn::SUCCESS };
        let work_loop = self.right.core().work_loop();
        let sleep = Sleep::new(work_loop, time);
        let send = async move {
            sleep.await;
            right.send(notification::MESSAGE_ID, message, options);
        };
        // No user client's: the message is on its way, whatever becomes of the connection.
        match work_loop.add(ObjectKey::default(), DriverWork::own(Box::pin(send), |_| {})) {
            Ok(tell) => {
                drop(tell);
                IoReturn::SUCCESS
            }
            Err(_) => IoReturn::NO_RESOURCES,
        }
    }
}

impl KernelRight for WakeRight {
    fn send(&self, id: i32, body: Vec<u8>, options: SendOptions) -> IoReturn {
        self.right.send(id, body, options)
    }

    fn revoke(&self) {
        self.right.revoke();
    }

    fn is_dead(&self) -> bool {
        self.right.is_dead()
    }
}

impl interface::WakeRight for WakeRight {
    fn complete(
        &self,
        reference: &[u64; 8],
        result: IoReturn,
        arguments: &[u64],
        options: SendOptions,
    ) -> IoReturn {
        if arguments.len() > ARGUMENTS_MAX {
            return IoReturn::MESSAGE_TOO_LARGE;
        }
        if let Some(faults) = &self.faults {
            return self.complete_with_faults(faults, reference, result, arguments, options);
        }
        self.right.send(notification::MESSAGE_ID, completion(reference, result, arguments), options)
    }

    fn run(&self, future: DriverFuture, reference: AsyncReference) -> Result<()> {
        let (core, work) = (self.right.core(), DriverWork::new(future, reference));
        let work_loop = core.work_loop();
        // Under the lock, for a user client that stops meanwhile has what is there dropped.
        let added = core.change(|kernel| match kernel.client_of(self.client) {
            Some(_) => work_loop.add(self.client, work),
            None => Err((Refused::Ended, work)),
        });
        match added {
            Ok(tell) => {
                drop(tell);
                Ok(())
            }
            Err((Refused::Ended, _)) => Err(IoReturn::OFFLINE.into()),
            Err((Refused::NoThread, _)) => Err(IoReturn::NO_RESOURCES.into()),
        }
    }

    fn lose(&self) {
        self.right.lose();
    }

    fn report_panic(&self, function: &'static str) {
        self.right.core().change(|kernel| kernel.misuses.push(Misuse::Panic(function)));
    }
}

/// What follows a completion's header (AS-6).
fn completion(reference: &[u64; 8], result: IoReturn, arguments: &[u64]) -> Vec<u8> {
    const PADDING: [u8; 4] = [0; 4];
    let content_size = size_of::<i32>() + size_of_val(arguments);
    let room = content_size + PADDING.len();
    let mut body = notification::header(content_size as u32, ASYNC_COMPLETION, reference, room);
    body.extend_from_slice(&result.raw().to_ne_bytes());
    body.extend_from_slice(bytemuck::cast_slice(arguments));
    body.extend_from_slice(&PADDING);
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName, PortRight};
    use crate::interface::{Arguments, OnClose, OpenRequest, UserClient};
    use crate::sim::{Machine, Nub, Task, WeakMachine};
    use std::future::pending;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(60);

    type Method = Box<dyn Fn(AsyncReference) -> DriverFuture + Send + Sync>;

    /// Leaves the same future to the work loop whatever it is called with.
    struct Driver(Arc<Method>);

    impl UserClient for Driver {
        fn external_method(&self, _: u32, arguments: &mut Arguments<'_>) -> Result<()> {
            let reference = arguments.async_reference().ok_or(IoReturn::BAD_ARGUMENT)?;
            reference.run((self.0)(reference.clone()))
        }

        fn client_close(&self) -> OnClose {
            OnClose::Terminate
        }
    }

    /// A machine, a task of it with a connection to the driver, and a port to wake it by.
    struct Scene {
        machine: Machine,
        task: Task,
        connect: PortName,
        port: PortName,
    }

    impl Scene {
        fn new<F>(method: impl Fn(AsyncReference) -> F + Send + Sync + 'static) -> Self
        where
            F: Future<Output = ()> + Send + 'static,
        {
            Self::on(Machine::new(), method)
        }

        fn on<F>(machine: Machine, method: impl Fn(AsyncReference) -> F + Send + Sync + 'static) -> Self
        where
            F: Future<Output = ()> + Send + 'static,
        {
            machine.freeze_clock();
            let method: Arc<Method> = Arc::new(Box::new(move |reference| Box::pin(method(reference))));
            machine.publish(
                Nub::new("Service").driver(move |_: &OpenRequest<'_>| Ok(Driver(Arc::clone(&method)))),
            );
            let task = machine.task("task");
            let (mut connect, mut port) = (NULL, NULL);
            let matching = task.io_service_matching(Some(c"Service"));
            let service = task.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
            let code = task.io_service_open(service, task.mach_task_self(), 0, &mut connect);
            assert_eq!(code, IoReturn::SUCCESS);
            // SAFETY: the test's own reference, and nothing is mapped through it.
            assert_eq!(unsafe { task.io_object_release(service) }, IoReturn::SUCCESS);
            assert_eq!(task.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
            Self { machine, task, connect, port }
        }

        #[track_caller]
        fn call(&self) {
            // SAFETY: nobody reads the message's reference as a callout.
            let code = unsafe {
                let (task, reference) = (&self.task, Some(&[0, 1, 2][..]));
                task.io_connect_call_async_method(self.connect, 0, self.port, reference, &[], &[], None, None)
            };
            assert_eq!(code, IoReturn::SUCCESS);
        }

        /// The result and the arguments of the next completion.
        fn completion(&self) -> (IoReturn, Vec<u64>) {
            let mut message = Vec::new();
            let code = self.task.mach_msg_receive(self.port, &mut message, 8192, Some(PATIENCE));
            assert_eq!(code, IoReturn::SUCCESS);
            let result = i32::from_ne_bytes(message[96..100].try_into().unwrap());
            (IoReturn::from_raw(result), words(&message[100..message.len() - 4]))
        }

        fn send_rights(&self) -> u32 {
            self.task.send_rights(self.port)
        }

        fn settle(&self) {
            assert!(self.machine.wait_until_idle(PATIENCE));
        }

        #[track_caller]
        fn close(self) {
            // SAFETY: the test's own reference, and nothing is mapped through it.
            unsafe { self.task.io_service_close(self.connect) };
            // SAFETY: the test's own reference, and nothing is mapped through it.
            unsafe { self.task.mach_port_mod_refs(self.port, PortRight::Receive, -1) };
            self.machine.assert_clean();
        }
    }

    /// Says when it is dropped.
    struct Token(Sender<()>);

    impl Drop for Token {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    fn token() -> (Token, Receiver<()>) {
        let (dropped, is_dropped) = channel();
        (Token(dropped), is_dropped)
    }

    #[test]
    fn a_future_completes_its_call_when_its_time_has_come() {
        let machine = Machine::new();
        let weak = machine.downgrade();
        let scene = Scene::on(machine, move |reference| {
            let sleep = weak.sleep(Duration::from_secs(10));
            async move {
                sleep.await;
                reference.send_result(IoReturn::SUCCESS, &[5, 6]);
            }
        });
        scene.call();
        scene.settle();
        assert_eq!((scene.task.queued_messages(scene.port), scene.send_rights()), (0, 1));
        scene.machine.advance(Duration::from_secs(10));
        assert_eq!(scene.completion(), (IoReturn::SUCCESS, vec![5, 6]));
        scene.settle();
        assert_eq!(scene.send_rights(), 0);
        scene.close();
    }

    #[test]
    fn a_future_that_panics_completes_its_call_with_an_internal_error() {
        let scene = Scene::new(|_| async { panic!("a driver's future") });
        for _ in 0..2 {
            scene.call();
            assert_eq!(scene.completion(), (IoReturn::INTERNAL_ERROR, Vec::new()));
        }
        scene.settle();
        assert_eq!(scene.send_rights(), 0);
        scene.close();
    }

    #[test]
    fn a_future_that_panics_when_it_is_dropped_is_reported() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("a driver's future, dropped");
            }
        }
        let scene = Scene::new(|reference| {
            let panics = Panics;
            async move {
                let _panics = std::mem::ManuallyDrop::new(panics);
                reference.send_result(IoReturn::SUCCESS, &[]);
            }
        });
        scene.call();
        assert_eq!(scene.completion(), (IoReturn::SUCCESS, Vec::new()));
        scene.settle();
        scene.close();

        let scene = Scene::new(|_| {
            let panics = Panics;
            async move {
                let _panics = panics;
                pending().await
            }
        });
        scene.call();
        scene.settle();
        // SAFETY: the test's own reference, and nothing is mapped through it.
        unsafe { scene.task.io_service_close(scene.connect) };
        assert_eq!(scene.machine.report().misuses, [Misuse::Panic("drop")]);
    }

    #[test]
    fn futures_go_with_their_user_client() {
        let (token, dropped) = token();
        let token = Arc::new(token);
        let scene = Scene::new(move |reference| {
            let token = Arc::clone(&token);
            async move {
                let _token = token;
                pending::<()>().await;
                drop(reference);
            }
        });
        scene.call();
        scene.settle();
        assert_eq!(scene.send_rights(), 1);
        scene.task.io_connect_add_ref(scene.connect);
        // SAFETY: the test's own reference, and nothing is mapped through it.
        unsafe { scene.task.io_service_close(scene.connect) };
        assert_eq!(scene.send_rights(), 0, "the future is gone, and its reference with it");
        assert!(dropped.try_recv().is_err(), "the driver has one");
        scene.close();
        assert_eq!(dropped.try_recv(), Ok(()));
    }

    #[test]
    fn futures_go_with_the_machine() {
        let (token, dropped) = token();
        let token = Mutex::new(Some(token));
        let scene = Scene::new(move |_| {
            let token = token.lock().unwrap().take();
            async move {
                let _token = token;
                pending().await
            }
        });
        scene.call();
        drop(scene);
        assert_eq!(dropped.try_recv(), Ok(()));
    }

    #[test]
    fn the_machine_can_end_on_its_work_loop() {
        let (give, given) = channel::<Machine>();
        let given = Mutex::new(Some(given));
        let (ended, has_ended) = channel();
        let scene = Scene::new(move |_| {
            let (given, ended) = (given.lock().unwrap().take().unwrap(), ended.clone());
            async move {
                let machine = given.recv().unwrap();
                let weak: WeakMachine = machine.downgrade();
                drop(machine);
                ended.send(weak.upgrade().is_none()).unwrap();
                // There is nobody left to wait for.
                weak.sleep(Duration::from_secs(3600)).await;
                ended.send(true).unwrap();
            }
        });
        scene.call();
        let Scene { machine, task, .. } = scene;
        drop(task);
        give.send(machine).unwrap();
        assert_eq!(has_ended.iter().take(2).collect::<Vec<_>>(), [true, true]);
    }

    #[test]
    fn a_future_may_take_its_own_service_away() {
        let machine = Machine::new();
        let weak = machine.downgrade();
        let id = Arc::new(Mutex::new(None));
        let service = Arc::clone(&id);
        let scene = Scene::on(machine, move |reference| {
            let (machine, service) = (weak.upgrade().unwrap(), *service.lock().unwrap());
            async move {
                let options = crate::sim::TerminateOptions { synchronous: true };
                assert!(machine.terminate(service.unwrap(), options));
                drop(machine);
                reference.send_result(IoReturn::SUCCESS, &[7]);
                pending().await
            }
        });
        let matching = scene.task.io_service_matching(Some(c"Service"));
        let name = scene.task.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
        let mut number = 0;
        scene.task.io_registry_entry_get_registry_entry_id(name, &mut number);
        // SAFETY: the test's own reference, and nothing is mapped through it.
        unsafe { scene.task.io_object_release(name) };
        id.lock().unwrap().replace(crate::sim::EntryId(number));
        scene.call();
        assert_eq!(scene.completion(), (IoReturn::SUCCESS, vec![7]));
        scene.settle();
        assert_eq!(scene.send_rights(), 0, "the future went after its poll");
        // SAFETY: the test's own reference, and nothing is mapped through it.
        unsafe { scene.task.io_connect_release(scene.connect) };
        scene.close();
    }

    #[test]
    fn completions_after_the_machine_are_sent_to_nobody() {
        let (give, given) = channel();
        let scene = Scene::new(move |reference| {
            give.send(reference).unwrap();
            pending()
        });
        scene.call();
        let reference: AsyncReference = given.recv().unwrap();
        drop(scene);
        assert_eq!(reference.send_result(IoReturn::SUCCESS, &[]), IoReturn::SUCCESS);
        assert_eq!(reference.run(Box::pin(pending())).unwrap_err().code(), IoReturn::OFFLINE);
    }

    fn words(bytes: &[u8]) -> Vec<u64> {
        bytes.chunks(8).map(|word| u64::from_ne_bytes(word.try_into().unwrap())).collect()
    }

    #[test]
    fn as_06_a_completion_is_laid_out_as_a_64_bit_task_reads_it() {
        let reference = [0xdead, 1, 2, 3, 4, 5, 6, 7];
        for arguments in [&[][..], &[0x1122_3344_5566_7788], &[u64::MAX; 16]] {
            let body = completion(&reference, IoReturn::BUSY, arguments);
            // Less the header of 24 bytes.
            assert_eq!(24 + body.len(), 104 + 8 * arguments.len());
            assert_eq!(body[..4], (4 + 8 * arguments.len() as u32).to_ne_bytes());
            assert_eq!(body[4..8], 150u32.to_ne_bytes());
            assert_eq!(words(&body[8..72]), [0, 1, 2, 3, 4, 5, 6, 7]);
            assert_eq!(body[72..76], IoReturn::BUSY.raw().to_ne_bytes());
            assert_eq!(words(&body[76..body.len() - 4]), arguments);
        }
    }
}
