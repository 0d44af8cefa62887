/*
 * The guest's end of the connection: a virtio-serial port, found by its name.
 */
#ifndef LAB_PORT_H
#define LAB_PORT_H

/*
 * Opens the port @name once it is there and its other end is connected; -ETIMEDOUT after
 * @timeout_ms. It is found in sysfs, since a guest with nothing but a kernel has no udev.
 */
int port_open(const char *name, int timeout_ms, int *ret_fd);

#endif
