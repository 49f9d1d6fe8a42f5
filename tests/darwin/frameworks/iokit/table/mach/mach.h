/* Messages, the short way. */
#ifndef TABLE_MACH_H
#define TABLE_MACH_H

/* Sends a message of the size that its header says. */
CF_EXPORT mach_msg_return_t mach_msg_send(mach_msg_header_t *msg);
/* Receives a message at the port, and into as many bytes, as the header says. */
CF_EXPORT mach_msg_return_t mach_msg_receive(mach_msg_header_t *msg);
/* Lets go of the rights that came with a message. */
CF_EXPORT void mach_msg_destroy(mach_msg_header_t *msg);

#endif
