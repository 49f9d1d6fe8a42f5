/*
 * Ports that every task has.
 *
 * This folder is for the signature table alone: C programs have these declarations from the C library's headers.
 */
#ifndef TABLE_MACH_INIT_H
#define TABLE_MACH_INIT_H

/* The task's own port. */
CF_EXPORT mach_port_t mach_task_self_;
/* The bootstrap server's port: there is no server. */
CF_EXPORT mach_port_t bootstrap_port;
/* Bytes in a page. */
CF_EXPORT vm_size_t vm_page_size;

/* Whether a name is that of the calling task's own port. */
CF_EXPORT boolean_t mach_task_is_self(task_name_t task);

#endif
