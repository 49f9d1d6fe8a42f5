/*
 * I/O Kit from user space: finding services, and talking to their user clients.
 *
 * Functions of the real library that are not here have no stand-in.
 */
#ifndef IOKIT_IOKITLIB_H
#define IOKIT_IOKITLIB_H

#include <stdint.h>
#include <sys/types.h>
#include <mach/mach_types.h>
#include <mach/mach_init.h>
#include <mach/clock_types.h>
#include <mach/message.h>
#include <device/device_types.h>
#include <dispatch/dispatch.h>
#include <CoreFoundation/CFBase.h>
#include <CoreFoundation/CFDictionary.h>
#include <CoreFoundation/CFRunLoop.h>
#include <IOKit/IOTypes.h>
#include <IOKit/IOKitKeys.h>
#include <IOKit/OSMessageNotification.h>

/* ---- The main port ---- */

/* No port: the functions look the host's main port up themselves. */
CF_EXPORT const mach_port_t kIOMainPortDefault;
/* The same by its older name. */
CF_EXPORT const mach_port_t kIOMasterPortDefault;

/* The host's main port. */
CF_EXPORT kern_return_t IOMainPort(mach_port_t bootstrapPort, mach_port_t *mainPort IO_RETURNS_RIGHT);
/* The same by its older name. */
CF_EXPORT kern_return_t IOMasterPort(mach_port_t bootstrapPort, mach_port_t *mainPort IO_RETURNS_RIGHT);

/* ---- Notifications ---- */

/* Where messages of I/O Kit's arrive, for a run loop, a queue or the program to receive. */
typedef struct IONotificationPort *IONotificationPortRef;

/* What is called for an iterator that has something new. */
typedef void (*IOServiceMatchingCallback)(void *refcon, io_iterator_t iterator);
/* What is called for something that a service tells: the argument itself, or where it is. */
typedef void (*IOServiceInterestCallback)(void *refcon, io_service_t service, uint32_t messageType,
                                          void *messageArgument);
/* What is called for a completion without arguments, with one, with two, and with more. */
typedef void (*IOAsyncCallback0)(void *refcon, IOReturn result);
typedef void (*IOAsyncCallback1)(void *refcon, IOReturn result, void *arg0);
typedef void (*IOAsyncCallback2)(void *refcon, IOReturn result, void *arg0, void *arg1);
typedef void (*IOAsyncCallback)(void *refcon, IOReturn result, void **args, uint32_t numArgs);

/* A port. */
CF_EXPORT IONotificationPortRef IONotificationPortCreate(mach_port_t mainPort);
/* Destroys it: what is sent there from then on is lost. */
CF_EXPORT void IONotificationPortDestroy(IONotificationPortRef notify);
/* The source that serves it in run loops. */
CF_EXPORT CFRunLoopSourceRef IONotificationPortGetRunLoopSource(IONotificationPortRef notify) CF_RETURNS_NOT_RETAINED;
/* The name of its receive right. */
CF_EXPORT mach_port_t IONotificationPortGetMachPort(IONotificationPortRef notify);
/* Nothing that can be seen here. */
CF_EXPORT kern_return_t IONotificationPortSetImportanceReceiver(IONotificationPortRef notify);
/* Has a queue serve it from now on; null: none. */
CF_EXPORT void IONotificationPortSetDispatchQueue(IONotificationPortRef notify, dispatch_queue_t queue);
/* Calls what a message is for, and drops the rights in it. */
CF_EXPORT void IODispatchCalloutFromMessage(void *unused, mach_msg_header_t *msg, void *reference);
/* A port for messages of one identifier. */
CF_EXPORT kern_return_t IOCreateReceivePort(uint32_t msgType, mach_port_t *recvPort IO_RETURNS_RIGHT);
/* The parts of a simple message. */
CF_EXPORT kern_return_t OSGetNotificationFromMessage(mach_msg_header_t *msg, uint32_t index, uint32_t *type,
                                                     uintptr_t *reference, void **content, vm_size_t *size);
/* Has a service's messages of a kind come to the port, until the notification is released. */
CF_EXPORT kern_return_t IOServiceAddInterestNotification(IONotificationPortRef notifyPort, io_service_t service,
                                                         const char *interestType,
                                                         IOServiceInterestCallback callback, void *refCon,
                                                         io_object_t *notification IO_RETURNS_RIGHT);
/* An iterator over the services that match and are at the state that the type names: to be drained, and again whenever a
 * message has come. It ends with the iterator. */
CF_EXPORT kern_return_t IOServiceAddMatchingNotification(IONotificationPortRef notifyPort,
                                                         const char *notificationType,
                                                         CFDictionaryRef matching CF_CONSUMED,
                                                         IOServiceMatchingCallback callback, void *refCon,
                                                         io_iterator_t *notification IO_RETURNS_RIGHT);
/* The older form, for a port of the program's and a reference of one word. */
CF_EXPORT kern_return_t IOServiceAddNotification(mach_port_t mainPort, const char *notificationType,
                                                 CFDictionaryRef matching CF_CONSUMED, mach_port_t wakePort,
                                                 uintptr_t reference,
                                                 io_iterator_t *notification IO_RETURNS_RIGHT);

/* ---- Objects ---- */

/* One user reference of the object's name less. */
CF_EXPORT kern_return_t IOObjectRelease(io_object_t object IO_CONSUMES_RIGHT);
/* One user reference of the object's name more. */
CF_EXPORT kern_return_t IOObjectRetain(io_object_t object);
/* The name of the object's class, into 128 bytes. */
CF_EXPORT kern_return_t IOObjectGetClass(io_object_t object, io_name_t className);
/* The name of the object's class. */
CF_EXPORT CFStringRef IOObjectCopyClass(io_object_t object) CF_RETURNS_RETAINED;
/* The name of a class's superclass; null for an unknown class and for one without. */
CF_EXPORT CFStringRef IOObjectCopySuperclassForClass(CFStringRef className) CF_RETURNS_RETAINED;
/* The identifier of the extension that a class comes from; null for an unknown class. */
CF_EXPORT CFStringRef IOObjectCopyBundleIdentifierForClass(CFStringRef className) CF_RETURNS_RETAINED;
/* Whether the object is of a class, or of one derived from it. */
CF_EXPORT boolean_t IOObjectConformsTo(io_object_t object, const char *className);
/* Whether two names are the same. */
CF_EXPORT boolean_t IOObjectIsEqualTo(io_object_t object, io_object_t anObject);
/* References to the object inside the kernel. */
CF_EXPORT uint32_t IOObjectGetKernelRetainCount(io_object_t object);
/* User references of the object's name. */
CF_EXPORT uint32_t IOObjectGetUserRetainCount(io_object_t object);
/* References to the object inside the kernel: the older name. */
CF_EXPORT uint32_t IOObjectGetRetainCount(io_object_t object);

/* ---- Iterators ---- */

/* The next object; no object at the end, and on any error. */
CF_EXPORT io_object_t IOIteratorNext(io_iterator_t iterator) IO_RETURNS_RIGHT;
/* Starts again. */
CF_EXPORT void IOIteratorReset(io_iterator_t iterator);
/* Whether what the iterator goes over is as it was. */
CF_EXPORT boolean_t IOIteratorIsValid(io_iterator_t iterator);

/* ---- Matching ---- */

/* A dictionary that matches by class. */
CF_EXPORT CFMutableDictionaryRef IOServiceMatching(const char *name) CF_RETURNS_RETAINED;
/* A dictionary that matches by name. */
CF_EXPORT CFMutableDictionaryRef IOServiceNameMatching(const char *name) CF_RETURNS_RETAINED;
/* A dictionary that matches by BSD name. */
CF_EXPORT CFMutableDictionaryRef IOBSDNameMatching(mach_port_t mainPort, uint32_t options,
                                                   const char *bsdName) CF_RETURNS_RETAINED;
/* A dictionary that matches by a path in the device tree; null if that is too long. */
CF_EXPORT CFMutableDictionaryRef IOOpenFirmwarePathMatching(mach_port_t mainPort, uint32_t options,
                                                            const char *path) CF_RETURNS_RETAINED;
/* A dictionary that matches one entry of the registry. */
CF_EXPORT CFMutableDictionaryRef IORegistryEntryIDMatching(uint64_t entryID) CF_RETURNS_RETAINED;

/* The first service that matches, or none. */
CF_EXPORT io_service_t IOServiceGetMatchingService(mach_port_t mainPort,
                                                   CFDictionaryRef matching CF_CONSUMED) IO_RETURNS_RIGHT;
/* An iterator over all services that match; none, with success, if there are none. */
CF_EXPORT kern_return_t IOServiceGetMatchingServices(mach_port_t mainPort, CFDictionaryRef matching CF_CONSUMED,
                                                     io_iterator_t *existing IO_RETURNS_RIGHT);
/* Whether one service matches. The dictionary stays the caller's. */
CF_EXPORT kern_return_t IOServiceMatchPropertyTable(io_service_t service, CFDictionaryRef matching,
                                                    boolean_t *matches);

/* ---- Busy states ---- */

/* How much is under way at the service. */
CF_EXPORT kern_return_t IOServiceGetBusyState(io_service_t service, uint32_t *busyState);
/* Waits until nothing is, for a time at most; null: for ever. */
CF_EXPORT kern_return_t IOServiceWaitQuiet(io_service_t service, mach_timespec_t *waitTime);
/* How much is under way in all. */
CF_EXPORT kern_return_t IOKitGetBusyState(mach_port_t mainPort, uint32_t *busyState);
/* Waits until nothing is, for a time at most; null: for ever. */
CF_EXPORT kern_return_t IOKitWaitQuiet(mach_port_t mainPort, mach_timespec_t *waitTime);

/* ---- The registry ---- */

/* Options of iterators, and of the search for a property. */
enum {
    kIORegistryIterateRecursively = 0x00000001,
    kIORegistryIterateParents = 0x00000002
};

/* The root. */
CF_EXPORT io_registry_entry_t IORegistryGetRootEntry(mach_port_t mainPort) IO_RETURNS_RIGHT;
/* The entry at a path; none if there is none. */
CF_EXPORT io_registry_entry_t IORegistryEntryFromPath(mach_port_t mainPort, const char *path) IO_RETURNS_RIGHT;
/* The same for a path of any length. */
CF_EXPORT io_registry_entry_t IORegistryEntryCopyFromPath(mach_port_t mainPort, CFStringRef path) IO_RETURNS_RIGHT;
/* An iterator over a plane, from its root. */
CF_EXPORT kern_return_t IORegistryCreateIterator(mach_port_t mainPort, const char *plane, IOOptionBits options,
                                                 io_iterator_t *iterator IO_RETURNS_RIGHT);
/* An iterator over a plane, from an entry. */
CF_EXPORT kern_return_t IORegistryEntryCreateIterator(io_registry_entry_t entry, const char *plane,
                                                      IOOptionBits options,
                                                      io_iterator_t *iterator IO_RETURNS_RIGHT);
/* Has the iterator go into the entry that it returned last. */
CF_EXPORT kern_return_t IORegistryIteratorEnterEntry(io_iterator_t iterator);
/* Has it go on after the entry that it is in. */
CF_EXPORT kern_return_t IORegistryIteratorExitEntry(io_iterator_t iterator);
/* The entry's name, into 128 bytes. */
CF_EXPORT kern_return_t IORegistryEntryGetName(io_registry_entry_t entry, io_name_t name);
/* The entry's name in a plane, into 128 bytes. */
CF_EXPORT kern_return_t IORegistryEntryGetNameInPlane(io_registry_entry_t entry, const char *plane, io_name_t name);
/* The entry's location in a plane, into 128 bytes. */
CF_EXPORT kern_return_t IORegistryEntryGetLocationInPlane(io_registry_entry_t entry, const char *plane,
                                                          io_name_t location);
/* The entry's path in a plane, into 512 bytes. */
CF_EXPORT kern_return_t IORegistryEntryGetPath(io_registry_entry_t entry, const char *plane, io_string_t path);
/* The same for paths of any length. */
CF_EXPORT CFStringRef IORegistryEntryCopyPath(io_registry_entry_t entry, const char *plane) CF_RETURNS_RETAINED;
/* The entry's number, which is never another's. */
CF_EXPORT kern_return_t IORegistryEntryGetRegistryEntryID(io_registry_entry_t entry, uint64_t *entryID);
/* Whether the entry has a parent in a plane. */
CF_EXPORT boolean_t IORegistryEntryInPlane(io_registry_entry_t entry, const char *plane);
/* An iterator over the entry's children in a plane. */
CF_EXPORT kern_return_t IORegistryEntryGetChildIterator(io_registry_entry_t entry, const char *plane,
                                                        io_iterator_t *iterator IO_RETURNS_RIGHT);
/* The entry's first child in a plane. */
CF_EXPORT kern_return_t IORegistryEntryGetChildEntry(io_registry_entry_t entry, const char *plane,
                                                     io_registry_entry_t *child IO_RETURNS_RIGHT);
/* An iterator over the entry's parents in a plane. */
CF_EXPORT kern_return_t IORegistryEntryGetParentIterator(io_registry_entry_t entry, const char *plane,
                                                         io_iterator_t *iterator IO_RETURNS_RIGHT);
/* The entry's first parent in a plane. */
CF_EXPORT kern_return_t IORegistryEntryGetParentEntry(io_registry_entry_t entry, const char *plane,
                                                      io_registry_entry_t *parent IO_RETURNS_RIGHT);

/* ---- Properties ---- */

/* All properties of the entry, as a dictionary; null on any error. */
CF_EXPORT kern_return_t IORegistryEntryCreateCFProperties(io_registry_entry_t entry,
                                                          CFMutableDictionaryRef *properties CF_RETURNS_RETAINED,
                                                          CFAllocatorRef allocator, IOOptionBits options);
/* A property of the entry; null if it has none of that name, and on any error. */
CF_EXPORT CFTypeRef IORegistryEntryCreateCFProperty(io_registry_entry_t entry, CFStringRef key,
                                                    CFAllocatorRef allocator,
                                                    IOOptionBits options) CF_RETURNS_RETAINED;
/* The same, of the entry or of the first of those around it that has it. */
CF_EXPORT CFTypeRef IORegistryEntrySearchCFProperty(io_registry_entry_t entry, const char *plane, CFStringRef key,
                                                    CFAllocatorRef allocator,
                                                    IOOptionBits options) CF_RETURNS_RETAINED;
/* The bytes of a property, into as many as `*size` says, which becomes how many there are. */
CF_EXPORT kern_return_t IORegistryEntryGetProperty(io_registry_entry_t entry, const char *propertyName,
                                                   char *buffer, uint32_t *size);
/* Gives the entry properties to set; its driver sees to them, or refuses. */
CF_EXPORT kern_return_t IORegistryEntrySetCFProperties(io_registry_entry_t entry, CFTypeRef properties);
/* Gives it one. */
CF_EXPORT kern_return_t IORegistryEntrySetCFProperty(io_registry_entry_t entry, CFStringRef propertyName,
                                                     CFTypeRef property);

/* ---- Connections ---- */

/* Opens a user client of the service. */
CF_EXPORT kern_return_t IOServiceOpen(io_service_t service, task_port_t owningTask, uint32_t type,
                                      io_connect_t *connect IO_RETURNS_RIGHT);
/* Closes the connection, and drops one user reference of its name whatever comes of that. */
CF_EXPORT kern_return_t IOServiceClose(io_connect_t connect IO_CONSUMES_RIGHT);
/* Asks the service to look again for what depends on it. */
CF_EXPORT kern_return_t IOServiceRequestProbe(io_service_t service, uint32_t options);
/* One user reference of the connection's name more. */
CF_EXPORT kern_return_t IOConnectAddRef(io_connect_t connect);
/* One user reference of the connection's name less; the last one closes it. */
CF_EXPORT kern_return_t IOConnectRelease(io_connect_t connect IO_CONSUMES_RIGHT);
/* The service that the connection was opened on. */
CF_EXPORT kern_return_t IOConnectGetService(io_connect_t connect, io_service_t *service IO_RETURNS_RIGHT);
/* Gives the driver a right to send to a port, and a number to go with it. */
CF_EXPORT kern_return_t IOConnectSetNotificationPort(io_connect_t connect, uint32_t type, mach_port_t port,
                                                     uintptr_t reference);
/* Tells the connection of another one. */
CF_EXPORT kern_return_t IOConnectAddClient(io_connect_t connect, io_connect_t client);
/* Gives the user client properties to set; it sees to them, or refuses. */
CF_EXPORT kern_return_t IOConnectSetCFProperties(io_connect_t connect, CFTypeRef properties);
/* Gives it one. */
CF_EXPORT kern_return_t IOConnectSetCFProperty(io_connect_t connect, CFStringRef propertyName, CFTypeRef property);

/* ---- Memory ---- */

/* Maps memory of the driver's, of which the type is the driver's own: anywhere, or at `*atAddress`. */
CF_EXPORT kern_return_t IOConnectMapMemory(io_connect_t connect, uint32_t memoryType, task_port_t intoTask,
                                           mach_vm_address_t *atAddress, mach_vm_size_t *ofSize,
                                           IOOptionBits options);
/* The same by its other name. */
CF_EXPORT kern_return_t IOConnectMapMemory64(io_connect_t connect, uint32_t memoryType, task_port_t intoTask,
                                             mach_vm_address_t *atAddress, mach_vm_size_t *ofSize,
                                             IOOptionBits options);
/* Undoes the mapping of this type of memory, wherever that is. */
CF_EXPORT kern_return_t IOConnectUnmapMemory(io_connect_t connect, uint32_t memoryType, task_port_t fromTask,
                                             mach_vm_address_t atAddress);
/* The same by its other name. */
CF_EXPORT kern_return_t IOConnectUnmapMemory64(io_connect_t connect, uint32_t memoryType, task_port_t fromTask,
                                               mach_vm_address_t atAddress);

/* ---- External methods ---- */

/* Calls an external method. */
CF_EXPORT kern_return_t IOConnectCallMethod(mach_port_t connection, uint32_t selector, const uint64_t *input,
                                            uint32_t inputCnt, const void *inputStruct, size_t inputStructCnt,
                                            uint64_t *output, uint32_t *outputCnt, void *outputStruct,
                                            size_t *outputStructCnt);
/* Calls an external method that says later, at a port, what came of it. */
CF_EXPORT kern_return_t IOConnectCallAsyncMethod(mach_port_t connection, uint32_t selector, mach_port_t wakePort,
                                                 uint64_t *reference, uint32_t referenceCnt,
                                                 const uint64_t *input, uint32_t inputCnt,
                                                 const void *inputStruct, size_t inputStructCnt,
                                                 uint64_t *output, uint32_t *outputCnt, void *outputStruct,
                                                 size_t *outputStructCnt);
/* IOConnectCallMethod without scalars. */
CF_EXPORT kern_return_t IOConnectCallStructMethod(mach_port_t connection, uint32_t selector,
                                                  const void *inputStruct, size_t inputStructCnt,
                                                  void *outputStruct, size_t *outputStructCnt);
/* IOConnectCallAsyncMethod without scalars. */
CF_EXPORT kern_return_t IOConnectCallAsyncStructMethod(mach_port_t connection, uint32_t selector,
                                                       mach_port_t wakePort, uint64_t *reference,
                                                       uint32_t referenceCnt, const void *inputStruct,
                                                       size_t inputStructCnt, void *outputStruct,
                                                       size_t *outputStructCnt);
/* IOConnectCallMethod without structures. */
CF_EXPORT kern_return_t IOConnectCallScalarMethod(mach_port_t connection, uint32_t selector,
                                                  const uint64_t *input, uint32_t inputCnt, uint64_t *output,
                                                  uint32_t *outputCnt);
/* IOConnectCallAsyncMethod without structures. */
CF_EXPORT kern_return_t IOConnectCallAsyncScalarMethod(mach_port_t connection, uint32_t selector,
                                                       mach_port_t wakePort, uint64_t *reference,
                                                       uint32_t referenceCnt, const uint64_t *input,
                                                       uint32_t inputCnt, uint64_t *output,
                                                       uint32_t *outputCnt);

/* Calls an external trap. */
CF_EXPORT kern_return_t IOConnectTrap0(io_connect_t connect, uint32_t index);
/* Calls an external trap. */
CF_EXPORT kern_return_t IOConnectTrap1(io_connect_t connect, uint32_t index, uintptr_t p1);
/* Calls an external trap. */
CF_EXPORT kern_return_t IOConnectTrap2(io_connect_t connect, uint32_t index, uintptr_t p1, uintptr_t p2);
/* Calls an external trap. */
CF_EXPORT kern_return_t IOConnectTrap3(io_connect_t connect, uint32_t index, uintptr_t p1, uintptr_t p2,
                                       uintptr_t p3);
/* Calls an external trap. */
CF_EXPORT kern_return_t IOConnectTrap4(io_connect_t connect, uint32_t index, uintptr_t p1, uintptr_t p2,
                                       uintptr_t p3, uintptr_t p4);
/* Calls an external trap. */
CF_EXPORT kern_return_t IOConnectTrap5(io_connect_t connect, uint32_t index, uintptr_t p1, uintptr_t p2,
                                       uintptr_t p3, uintptr_t p4, uintptr_t p5);
/* Calls an external trap. */
CF_EXPORT kern_return_t IOConnectTrap6(io_connect_t connect, uint32_t index, uintptr_t p1, uintptr_t p2,
                                       uintptr_t p3, uintptr_t p4, uintptr_t p5, uintptr_t p6);

#endif
