/*
 * Covers many frameworks, of which CoreFoundation alone is here: programs without windows include it for that.
 */
#ifndef APPLICATIONSERVICES_APPLICATIONSERVICES_H
#define APPLICATIONSERVICES_APPLICATIONSERVICES_H

#include <CoreFoundation/CoreFoundation.h>

#endif
