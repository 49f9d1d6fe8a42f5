/*
 * Who owns what a function returns or takes.
 *
 * The declarations of these headers are read by the simulator too, which enforces what these words say. To a compiler
 * they are nothing.
 */
#ifndef COREFOUNDATION_CFOWNERSHIP_H
#define COREFOUNDATION_CFOWNERSHIP_H

/* After a function, or an out parameter: the caller gets a reference, to release (the rule of Create and Copy). */
#define CF_RETURNS_RETAINED
/* The same after an out parameter that is written only if the function fails: an error. */
#define CF_RETURNS_RETAINED_ON_FAILURE
/* After a function, or an out parameter: the caller gets no reference of its own (the rule of Get). */
#define CF_RETURNS_NOT_RETAINED
/* After a parameter: the function takes over one of the caller's references. */
#define CF_CONSUMED
/* After a function, or an out parameter: the caller gets a user reference of a port name. */
#define IO_RETURNS_RIGHT
/* After a parameter: the function takes one of the caller's user references of the name. */
#define IO_CONSUMES_RIGHT

#endif
