/*
 * What systemd knows of a unit: asked of systemctl and journalctl, which are there whenever systemd
 * is, and keep their output stable for programs.
 */
#ifndef LEO_UNIT_H
#define LEO_UNIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { UNIT_WORD_MAX = 32 };

struct unit {
	/* Words of systemctl(1): "loaded", "enabled", "active", "running", "exit-code"; or "". */
	char load[UNIT_WORD_MAX], enabled[UNIT_WORD_MAX], active[UNIT_WORD_MAX];
	char sub[UNIT_WORD_MAX], result[UNIT_WORD_MAX];
	pid_t main_pid; /* 0: none */
	uint64_t since_ns; /* of its state, since 1970; 0: not known */
	uint64_t memory_bytes; /* 0: not known */
	uint64_t restarts;
	uint64_t exit_status; /* of the main process, when it has ended */
};

/* Whether this machine, or the one below the root, was booted with systemd. */
bool unit_manager_present(int root_fd);

/*
 * The state of a unit; one that systemd does not know has load "not-found". -ENOENT without a
 * systemctl, -ETIMEDOUT when it does not answer, -EIO when it fails.
 */
int unit_show(const char *name, struct unit *ret_unit);

/* Reads what `systemctl show` prints: KEY=VALUE lines. What it does not know it passes over. */
void unit_parse(const char *text, struct unit *ret_unit);

/*
 * The last warnings and errors of a unit's journal, at most @count lines, oldest first: a vector as
 * of base/str.h, clean (text.h). Empty when there are none, or when this person may not read them.
 */
int unit_journal(const char *name, unsigned count, char ***ret_lines);

#endif
