/*
 * A fake machine for the tests of the steps: a folder in memory with /etc and /home, stand-ins for
 * the account tools that change it as the real ones would, and a screen that is a file.
 *
 * Everything a run does to the machine is an effect with a number, and the machine can be told to
 * die or to fail at any of them. Whatever else goes wrong ends the test.
 */
#ifndef FIRSTBOOT_TEST_MACHINE_H
#define FIRSTBOOT_TEST_MACHINE_H

#include <stdbool.h>

#include "firstboot/firstboot.h"

struct machine {
	char root[40];
	/* Dies (or fails) before the effect of this number; -1 never. Counted in effects. */
	int die_at, fail_at, effects;
	/* How often it was synced since a file of the accounts last changed. */
	int syncs;
};

void machine_new(struct machine *m);
void machine_free(struct machine *m);

/* Runs all steps on it, with the user "admin". */
int machine_boot(struct machine *m, struct firstboot *ret_fb);

/* @path with the machine's root before it. */
void machine_path(const struct machine *m, const char *path, char full[256]);

/* Replaces a file, or adds a line to it. */
void machine_put(const struct machine *m, const char *path, const char *text);
void machine_append(const struct machine *m, const char *path, const char *line);

/* The content of a file, or "" for one that is not there. Belongs to the caller. */
char *machine_get(const struct machine *m, const char *path);
bool machine_has(const struct machine *m, const char *path);

#endif
