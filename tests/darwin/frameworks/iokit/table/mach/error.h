/* What codes are composed of. */
#ifndef TABLE_ERROR_H
#define TABLE_ERROR_H

#define err_system(x) (((x) & 0x3f) << 26)
#define err_sub(x) (((x) & 0xfff) << 14)

#endif
