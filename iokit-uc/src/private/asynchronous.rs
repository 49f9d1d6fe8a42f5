//! What generated code calls for asynchronous methods.

use super::{
    Arguments, Connection, Declaration, Method, MethodResult, Result, assert_output, exchange, reply,
};
use crate::completion::{Completion, Completions, Receiver, assert_completion, completed, failed, send_to};
use crate::connection::AsyncCall;
use crate::error::{Call, IoReturn};
use crate::interface::AsyncReference;
use crate::notification::Completes;
use crate::wire::Output;

// ---- the client's side of a call ----

/// Calls a method that completes, and whose answer has a fixed size.
fn call<O: Output>(
    connection: &Connection,
    method: &'static Method,
    completes: Completes,
    scalars: &[u64],
    structure: &[u8],
) -> Result<(O, Receiver)> {
    exchange(method, |output, structure_output| {
        connection.call_async(AsyncCall {
            call: Call::Method(&method.name),
            completes,
            selector: method.name.selector,
            scalars,
            structure,
            output,
            structure_output,
        })
    })
}

// ---- the driver's side of a call ----

/// The caller's reference. A caller without a wake port has been refused before the driver was asked.
fn reference(arguments: &Arguments<'_>) -> Result<AsyncReference> {
    arguments.async_reference().ok_or_else(|| IoReturn::BAD_ARGUMENT.into())
}

// ---- what is proved when the trait is compiled ----

/// A result has at most 16 scalars and one structure; a completion after it, at most 16 scalars.
#[track_caller]
pub const fn assert_result(declaration: Declaration) {
    assert_output(declaration.counts());
    if let Some(completion) = declaration.completion_counts() {
        assert_completion(completion);
    }
}

// ---- what a type is asked ----

/// A type that the completion of an asynchronous method carries.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be carried by a completion",
    label = "not a scalar, or a tuple of at most 16 scalars",
    note = "for an enum or a newtype, add `#[derive(Scalar)]`; `usize` has no fixed width: use `u64`",
    note = "fetch data with a second method or shared memory"
)]
pub trait CompletionResult: Sized {
    /// A method that completes with it.
    const DECLARATION: Declaration;
    /// Calls a method that completes once. An error of the call is in the completion.
    fn call(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
    ) -> Completion<Self>;
    /// Leaves the method's future to the kernel's work loop, and what it comes to to the caller's wake port.
    fn complete(
        arguments: &mut Arguments<'_>,
        future: impl Future<Output = Result<Self>> + Send + 'static,
    ) -> Result<()>;
}

impl<T: Output> CompletionResult for T {
    const DECLARATION: Declaration = Declaration::returning(<()>::SHAPE).completing(T::SHAPE, false);

    fn call(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
    ) -> Completion<Self> {
        const { assert_completion((T::SCALARS, T::STRUCTURE)) };
        let called = call(connection, method, Completes::Once, scalars, structure);
        Completion::of(called.map(|((), receiver)| receiver))
    }

    fn complete(
        arguments: &mut Arguments<'_>,
        future: impl Future<Output = Result<Self>> + Send + 'static,
    ) -> Result<()> {
        let reference = reference(arguments)?;
        reply(arguments, ())?;
        reference.clone().run(Box::pin(async move {
            let came = future.await.map_or_else(|error| failed(error.code()), completed);
            // A port that takes no message any more loses this one; a driver has nobody to tell.
            let _ = send_to(&reference, &came);
        }))
    }
}

impl<T: Output> MethodResult for Completions<T> {
    const DECLARATION: Declaration = <((), Self)>::DECLARATION;

    fn call(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
    ) -> Result<Self> {
        <((), Self)>::call(connection, method, scalars, structure).map(|((), completions)| completions)
    }

    fn reply(self, arguments: &mut Arguments<'_>) -> Result<()> {
        ((), self).reply(arguments)
    }
}

impl<R: Output, T: Output> MethodResult for (R, Completions<T>) {
    const DECLARATION: Declaration = Declaration::returning(R::SHAPE).completing(T::SHAPE, true);

    fn call(
        connection: &Connection,
        method: &'static Method,
        scalars: &[u64],
        structure: &[u8],
    ) -> Result<Self> {
        const { assert_completion((T::SCALARS, T::STRUCTURE)) };
        let (answer, receiver) = call(connection, method, Completes::Many, scalars, structure)?;
        Ok((answer, Completions::new(receiver)))
    }

    fn reply(self, arguments: &mut Arguments<'_>) -> Result<()> {
        let (answer, completions) = self;
        let reference = reference(arguments)?;
        reply(arguments, answer)?;
        completions.forward_to(reference)
    }
}
