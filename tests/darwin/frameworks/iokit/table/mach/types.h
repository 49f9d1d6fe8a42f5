/* Mach's integers, which the C library's headers define for C programs. */
#ifndef TABLE_TYPES_H
#define TABLE_TYPES_H

typedef int kern_return_t;
typedef kern_return_t mach_error_t;
typedef kern_return_t mach_msg_return_t;

/* Of an Intel processor's Mac: elsewhere it has a sign. */
typedef unsigned int boolean_t;

typedef unsigned int mach_port_t;
typedef unsigned int mach_port_name_t;
typedef mach_port_t ipc_space_t;
typedef mach_port_t task_port_t;
typedef mach_port_t task_name_t;
typedef mach_port_t vm_map_t;

typedef unsigned int mach_port_right_t;
typedef unsigned int mach_port_type_t;
typedef unsigned int mach_port_urefs_t;
typedef int mach_port_delta_t;

typedef int mach_msg_option_t;
typedef unsigned int mach_msg_size_t;
typedef unsigned int mach_msg_timeout_t;
typedef unsigned int mach_msg_type_name_t;
typedef unsigned int mach_msg_type_number_t;

typedef uintptr_t vm_address_t;
typedef uintptr_t vm_size_t;
typedef uint64_t mach_vm_address_t;
typedef uint64_t mach_vm_size_t;

typedef int vm_region_flavor_t;
typedef int *vm_region_info_t;

#endif
