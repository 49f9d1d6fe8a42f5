//! What faults have to know of the functions.

use crate::backend::Function;
use crate::error::IoReturn;

/// Whether it calls an external method.
pub(super) fn is_method(function: Function) -> bool {
    use Function as F;
    matches!(
        function,
        F::IOConnectCallMethod
            | F::IOConnectCallAsyncMethod
            | F::IOConnectCallScalarMethod
            | F::IOConnectCallStructMethod
    )
}

/// Whether the kernel runs driver's code for it, in the middle of the call.
pub(in crate::sim) fn reaches_driver(function: Function) -> bool {
    use Function as F;
    is_method(function)
        || matches!(
            function,
            F::IOConnectTrap0
                | F::IOServiceOpen
                | F::IOServiceRequestProbe
                | F::IOConnectGetService
                | F::IOConnectAddClient
                | F::IOConnectSetCFProperties
                | F::IOConnectSetCFProperty
                | F::IORegistryEntrySetCFProperties
                | F::IORegistryEntrySetCFProperty
                | F::IOConnectMapMemory64
                | F::IOConnectUnmapMemory64
                | F::IOConnectSetNotificationPort
        )
}

/// Whether it can say that it has failed.
pub(in crate::sim) fn can_fail(function: Function) -> bool {
    use Function as F;
    !matches!(
        function,
        F::IOIteratorReset
            | F::IOObjectIsEqualTo
            | F::IONotificationPortDestroy
            | F::IONotificationPortGetMachPort
            | F::MachTaskSelf
    )
}

/// Whether it gives up a reference or a right. It does so even if it fails (OC-9).
pub(in crate::sim) fn gives_up(function: Function) -> bool {
    use Function as F;
    matches!(
        function,
        F::IOObjectRelease
            | F::IOServiceClose
            | F::IOConnectRelease
            | F::MachPortModRefs
            | F::MachPortDeallocate
    )
}

/// Whether a failure sets the busy count to 0.
pub(in crate::sim) fn tells_busy_count(function: Function) -> bool {
    use Function as F;
    matches!(function, F::IOServiceGetBusyState | F::IOServiceGetBusyStateAndTime | F::IOKitGetBusyState)
}

/// What the function may well fail with.
pub(in crate::sim) fn usual_failures(function: Function) -> &'static [IoReturn] {
    use Function as F;
    match function {
        // A message is lost, or the port.
        F::MachMsgReceive => &[IoReturn::MACH_RCV_BODY_ERROR, IoReturn::MACH_RCV_PORT_DIED],
        F::MachMsgSendEmpty => &[IoReturn::MACH_SEND_NO_BUFFER],
        F::MachPortAllocate | F::MachPortInsertRight | F::MachPortGetRefs | F::IOObjectRetain => {
            &[IoReturn::KERN_RESOURCE_SHORTAGE]
        }
        F::MachVmRegion => &[IoReturn::KERN_INVALID_ADDRESS],
        // The driver's own code does not get through (MEM-1).
        F::IOConnectMapMemory64 => &[IoReturn::BAD_ARGUMENT],
        _ => &[IoReturn::NO_RESOURCES],
    }
}
