/* The codes of Mach that I/O Kit's are defined by. */
#ifndef TABLE_KERN_RETURN_H
#define TABLE_KERN_RETURN_H

#define KERN_SUCCESS 0

#endif
