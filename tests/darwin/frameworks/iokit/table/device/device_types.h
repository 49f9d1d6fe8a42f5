/* Names and paths, which as parameters are pointers to their first character. */
#ifndef TABLE_DEVICE_TYPES_H
#define TABLE_DEVICE_TYPES_H

typedef char io_name_t[128];
typedef char io_string_t[512];
typedef char io_string_inband_t[4096];
typedef char io_struct_inband_t[4096];
typedef uint64_t io_async_ref64_t[8];
typedef uint64_t io_scalar_inband64_t[16];

#endif
