/*
 * The types of I/O Kit's user side.
 */
#ifndef IOKIT_IOTYPES_H
#define IOKIT_IOTYPES_H

#include <stddef.h>
#include <stdint.h>
#include <MacTypes.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/vm_types.h>
#include <IOKit/IOReturn.h>

#define IOKIT 1

typedef UInt32   IOOptionBits;
typedef SInt32   IOFixed;
typedef UInt32   IOVersion;
typedef UInt32   IOItemCount;
typedef UInt32   IOCacheMode;
typedef UInt32   IOAlignment;
typedef UInt32   IODeviceNumber;

typedef UInt32   IOByteCount32;
typedef UInt64   IOByteCount64;
typedef UInt32   IOPhysicalAddress32;
typedef UInt64   IOPhysicalAddress64;
typedef UInt32   IOPhysicalLength32;
typedef UInt64   IOPhysicalLength64;

/* Of 32 bits on Macs with an Intel processor. */
#if defined(__x86_64__) || defined(__i386__)
typedef IOByteCount32       IOByteCount;
typedef IOPhysicalAddress32 IOPhysicalAddress;
typedef IOPhysicalLength32  IOPhysicalLength;
#define IOPhysSize 32
#else
typedef IOByteCount64       IOByteCount;
typedef IOPhysicalAddress64 IOPhysicalAddress;
typedef IOPhysicalLength64  IOPhysicalLength;
#define IOPhysSize 64
#endif

typedef mach_vm_address_t   IOVirtualAddress;
typedef IOVirtualAddress    IOLogicalAddress;

typedef struct {
    IOPhysicalAddress address;
    IOByteCount       length;
} IOPhysicalRange;

typedef struct {
    IOVirtualAddress address;
    IOByteCount      length;
} IOVirtualRange;

typedef IOVirtualRange IOAddressRange;

typedef struct {
    int         value;
    const char *name;
} IONamedValue;

/* Names of send rights. */
#ifndef __IOKIT_PORTS_DEFINED__
#define __IOKIT_PORTS_DEFINED__
typedef mach_port_t io_object_t;
#endif
typedef io_object_t io_connect_t;
typedef io_object_t io_enumerator_t;
typedef io_object_t io_ident_t;
typedef io_object_t io_iterator_t;
typedef io_object_t io_registry_entry_t;
typedef io_object_t io_service_t;
typedef io_object_t uext_object_t;

#define IO_OBJECT_NULL ((io_object_t)0)

/* What IOConnectMapMemory64 takes for a memory type and options. */
enum { kIODefaultMemoryType = 0 };

enum {
    kIODefaultCache = 0,
    kIOInhibitCache = 1,
    kIOWriteThruCache = 2,
    kIOCopybackCache = 3,
    kIOWriteCombineCache = 4,
    kIOCopybackInnerCache = 5,
    kIOPostedWrite = 6,
    kIORealTimeCache = 7,
    kIOPostedReordered = 8,
    kIOPostedCombinedReordered = 9
};

enum {
    kIOMapAnywhere = 0x00000001,
    kIOMapCacheMask = 0x00000f00,
    kIOMapCacheShift = 8,
    kIOMapDefaultCache = 0x000,
    kIOMapInhibitCache = 0x100,
    kIOMapWriteThruCache = 0x200,
    kIOMapCopybackCache = 0x300,
    kIOMapWriteCombineCache = 0x400,
    kIOMapCopybackInnerCache = 0x500,
    kIOMapPostedWrite = 0x600,
    kIOMapRealTimeCache = 0x700,
    kIOMapPostedReordered = 0x800,
    kIOMapPostedCombinedReordered = 0x900,
    kIOMapUserOptionsMask = 0x00000fff,
    kIOMapReadOnly = 0x00001000,
    kIOMapStatic = 0x01000000,
    kIOMapReference = 0x02000000,
    kIOMapUnique = 0x04000000,
    kIOMapPrefault = 0x10000000,
    kIOMapOverwrite = 0x20000000,
    kIOMapGuardedMask = 0xc0000000,
    kIOMapGuardedSmall = 0x40000000,
    kIOMapGuardedLarge = 0x80000000
};

/* Nanoseconds in each. */
enum {
    kNanosecondScale = 1,
    kMicrosecondScale = 1000,
    kMillisecondScale = 1000000,
    kSecondScale = 1000000000,
    kTickScale = 10000000
};

/* As outputStructCnt of IOConnectCallMethod: the function allocates as much memory as the driver has data. */
enum { kIOConnectMethodVarOutputSize = -3 };

#endif
