/*
 * How a program that knows it runs on a simulated machine talks to that machine.
 */
#ifndef SIMULATED_MACHINE_H
#define SIMULATED_MACHINE_H

#include <stddef.h>
#include <stdint.h>
#include <CoreFoundation/CFBase.h>

/* Boots the machine of this name, with this process as its task. 0, or -1 and a line on stderr: there is no such
 * machine, or one runs already. */
CF_EXPORT int simulated_machine_boot(const char *name);

/* Tells the machine to do something, or asks it. 0, or -1 if it knows no such command. */
CF_EXPORT int simulated_machine_command(const char *command, const uint64_t *arguments, size_t count,
                                        uint64_t *answer);

/* Ends the machine. How much there is to complain about: names and objects that the program still holds, user clients
 * that are still attached, misuses. Printed if `checked` is not 0. */
CF_EXPORT size_t simulated_machine_end(int checked);

#endif
