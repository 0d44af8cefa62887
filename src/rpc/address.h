/*
 * Where a varlink service listens, and connecting to it; the forms of an address are in client.h.
 */
#ifndef RPC_ADDRESS_H
#define RPC_ADDRESS_H

/*
 * A connected socket, non-blocking and close-on-exec. -EINVAL for what is no address, -EAGAIN while
 * the service has more clients waiting than its queue holds; as of connect(2) else.
 */
int address_connect(const char *root, const char *address, int *ret_fd);

#endif
