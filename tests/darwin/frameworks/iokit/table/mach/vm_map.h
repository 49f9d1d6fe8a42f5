/* Memory of a task, by the functions' older names. */
#ifndef TABLE_VM_MAP_H
#define TABLE_VM_MAP_H

/* Zeroed memory in whole pages: anywhere, or at `*address`. */
CF_EXPORT kern_return_t vm_allocate(vm_map_t target_task, vm_address_t *address, vm_size_t size, int flags);
/* Gives memory back. */
CF_EXPORT kern_return_t vm_deallocate(vm_map_t target_task, vm_address_t address, vm_size_t size);

#endif
