/* Codes in words. */
#ifndef TABLE_MACH_ERROR_H
#define TABLE_MACH_ERROR_H

/* What the code says. The text is never freed. */
CF_EXPORT char *mach_error_string(mach_error_t error_value);
/* The system that the code comes from. */
CF_EXPORT char *mach_error_type(mach_error_t error_value);
/* Prints a text and what the code says to the standard error stream. */
CF_EXPORT void mach_error(const char *str, mach_error_t error_value);

#endif
