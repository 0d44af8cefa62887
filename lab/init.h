/*
 * The agent as the first process of a guest that has nothing but a kernel.
 */
#ifndef LAB_INIT_H
#define LAB_INIT_H

/* Mounts the kernel's file systems and brings the loopback up; tells of failures on the console. */
void init_setup(void);

/* Syncs and powers the machine off. Returns only when that is not possible. */
void init_poweroff(void);

#endif
