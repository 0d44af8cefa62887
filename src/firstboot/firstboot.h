/*
 * The work of the first boot, as a table of steps that can be repeated from any point.
 *
 * Every step looks at what is there and does what is missing, so a run that was killed anywhere
 * is finished by the next one. The stamp says that nothing is left to do. README.md in this folder
 * explains the order.
 */
#ifndef FIRSTBOOT_FIRSTBOOT_H
#define FIRSTBOOT_FIRSTBOOT_H

#include <stdbool.h>

#include "firstboot/password.h"

#define FIRSTBOOT_STAMP "/var/lib/leonhard/firstboot.done"

/* The ways out of the process. Tests put their own in. */
struct firstboot_ops {
	/* Runs a program; as child_run(). */
	int (*run)(void *data, const char *const argv[], const char *input);
	/* Shows @text to whoever sits at the machine, and to nobody else. */
	int (*show)(void *data, const char *text);
	/* Returns when all that was written to the file system of the folder @path is on disk. */
	int (*sync)(void *data, const char *path);
	void *data;
};

struct firstboot {
	/* What stands before every path: "" or the folder of a test. No slash at its end. */
	const char *root;
	const char *user;
	struct firstboot_ops ops;
	/* As for password_hash(). */
	unsigned hash_cost;

	/* The password between the step that sets it and the one that shows it. */
	char password[PASSWORD_SIZE];
	/* After a failure: what was being done, and what is known about it ("" when nothing). */
	const char *step;
	char why[160];
};

/* A name that useradd takes and that needs no quoting anywhere: [a-z_][a-z0-9_-]*, at most 32. */
bool firstboot_user_valid(const char *name);

/* Whether the stamp is there: 1, 0 or a negative errno. */
int firstboot_done(const struct firstboot *fb);

/* Does all steps; the stamp is the last. The password is wiped when it returns. */
int firstboot_run(struct firstboot *fb);

/*
 * Looks for what the steps will need and changes nothing. Writes a line for each thing that
 * @report is told; returns how many there were, or a negative errno.
 */
int firstboot_check(struct firstboot *fb, void (*report)(const char *text));

#endif
