//! What kinds of calls there are to a replay.

use crate::backend::Function;

/// Whether the replay answers it itself: what counts references comes in another order with every run, as handles are dropped in
/// another; and a program has ports and memory of its own in each.
pub(super) const fn is_local(function: Function) -> bool {
    use Function::*;
    matches!(
        function,
        IOObjectRetain
            | IOObjectRelease
            | IOObjectGetUserRetainCount
            | IOObjectIsEqualTo
            | IOConnectAddRef
            | IOConnectRelease
            | IONotificationPortCreate
            | IONotificationPortDestroy
            | IONotificationPortGetMachPort
            | MachVmRegion
            | MachMsgReceive
            | MachMsgSendEmpty
            | MachTaskSelf
            | MachPortAllocate
            | MachPortInsertRight
            | MachPortGetRefs
            | MachPortModRefs
            | MachPortDeallocate
    )
}

/// Whether it is one that a driver hears of, on a connection.
pub(super) const fn is_of_connection(function: Function) -> bool {
    use Function::*;
    matches!(
        function,
        IOServiceClose
            | IOConnectGetService
            | IOConnectAddClient
            | IOConnectSetCFProperties
            | IOConnectSetCFProperty
            | IOConnectCallMethod
            | IOConnectCallAsyncMethod
            | IOConnectCallScalarMethod
            | IOConnectCallStructMethod
            | IOConnectTrap0
            | IOConnectMapMemory64
            | IOConnectUnmapMemory64
            | IOConnectSetNotificationPort
    )
}
