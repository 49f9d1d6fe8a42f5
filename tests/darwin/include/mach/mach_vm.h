/*
 * Memory of a task. The C library's headers that come with the compiler have everything of Mach but this.
 */
#ifndef MACH_MACH_VM_H
#define MACH_MACH_VM_H

#include <mach/mach_types.h>
#include <mach/vm_region.h>
#include <CoreFoundation/CFBase.h>

/* Zeroed memory in whole pages: anywhere, or at `*address`. */
CF_EXPORT kern_return_t mach_vm_allocate(vm_map_t target, mach_vm_address_t *address, mach_vm_size_t size, int flags);
/* Gives memory back. */
CF_EXPORT kern_return_t mach_vm_deallocate(vm_map_t target, mach_vm_address_t address, mach_vm_size_t size);
/* The region of mapped or allocated memory that holds `*address`, or the next one above it: where it begins, its size,
 * and what `flavor` asks of it. */
CF_EXPORT kern_return_t mach_vm_region(vm_map_t target_task, mach_vm_address_t *address, mach_vm_size_t *size,
                                       vm_region_flavor_t flavor, vm_region_info_t info,
                                       mach_msg_type_number_t *infoCnt, mach_port_t *object_name);

#endif
