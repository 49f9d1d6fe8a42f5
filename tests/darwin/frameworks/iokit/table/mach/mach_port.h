/* Rights to ports, and their names. */
#ifndef TABLE_MACH_PORT_H
#define TABLE_MACH_PORT_H

/* A new port's receive right. */
CF_EXPORT kern_return_t mach_port_allocate(ipc_space_t task, mach_port_right_t right,
                                           mach_port_name_t *name IO_RETURNS_RIGHT);
/* A right under a name. */
CF_EXPORT kern_return_t mach_port_insert_right(ipc_space_t task, mach_port_name_t name, mach_port_t poly,
                                               mach_msg_type_name_t polyPoly);
/* User references of one kind of right. */
CF_EXPORT kern_return_t mach_port_get_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right,
                                           mach_port_urefs_t *refs);
/* Adds to the user references of one kind of right, or drops some. */
CF_EXPORT kern_return_t mach_port_mod_refs(ipc_space_t task, mach_port_name_t name, mach_port_right_t right,
                                           mach_port_delta_t delta);
/* Drops one user reference of a send right or a dead name. */
CF_EXPORT kern_return_t mach_port_deallocate(ipc_space_t task, mach_port_name_t name IO_CONSUMES_RIGHT);
/* Drops all rights that a name denotes. */
CF_EXPORT kern_return_t mach_port_destroy(ipc_space_t task, mach_port_name_t name IO_CONSUMES_RIGHT);
/* The kinds of right that a name denotes. */
CF_EXPORT kern_return_t mach_port_type(ipc_space_t task, mach_port_name_t name, mach_port_type_t *ptype);

#endif
