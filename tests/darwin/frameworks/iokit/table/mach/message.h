/* Messages. */
#ifndef TABLE_MACH_MESSAGE_H
#define TABLE_MACH_MESSAGE_H

/* Sends a message, receives one, or both in this order. */
CF_EXPORT mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
                                     mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
                                     mach_msg_timeout_t timeout, mach_port_name_t notify);

#endif
