/*
 * The terminal that shows the password: chosen, opened, written.
 *
 * Only a terminal is ever opened: a regular file would keep what is to be shown once.
 */
#ifndef FIRSTBOOT_TERMINAL_H
#define FIRSTBOOT_TERMINAL_H

/*
 * The path of the console below @root ("" for the machine's own): /dev/NAME for the last name in
 * /sys/class/tty/console/active, which is the one the kernel prefers and /dev/console leads to;
 * /dev/console when there is no such name. The string belongs to the caller.
 */
int terminal_find(const char *root, char **ret_path);

/* Opens @path for writing. -ENOTTY when it is no terminal. */
int terminal_open(const char *path, int *ret_fd);

/* Writes @text in one piece and returns when the line has taken it. */
int terminal_show(int fd, const char *text);

#endif
