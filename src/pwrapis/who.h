/*
 * Who may do what: classes of access.conf, grants of single controls, priorities.
 *
 * access.conf is looked at again when it has changed: at most once a second, and only once it has
 * been left alone for as long, so that a file that an editor is about to write counts as it was. A
 * file that does not parse changes nothing; without one that ever did, only root is anybody.
 */
#ifndef PWRAPIS_WHO_H
#define PWRAPIS_WHO_H

#include <stdbool.h>
#include <sys/stat.h>

#include "pwrapis/settings.h"
#include "rpc/access.h"

struct who_grant {
	bool group;
	uint32_t id;
	unsigned item;
};

struct who_priority {
	uint32_t uid;
	unsigned value;
};

struct who {
	int root_fd; /* borrowed */
	struct access *access;
	unsigned load_count; /* of access.conf: classes may be others when it is another */
	struct stat stat, seen; /* of the file that was taken, and of the one last seen */
	uint64_t looked_ms;
	struct who_grant grants[2 * SETTINGS_GRANTS_MAX];
	struct who_priority priorities[SETTINGS_PRIORITIES_MAX];
	unsigned grant_count, priority_count;
	void (*problem)(const char *text); /* one line for a person; NULL: nobody asks */
};

/* Loads access.conf. Never fails: what is wrong is told, and nobody but root is anybody. */
void who_init(struct who *w, int root_fd, void (*problem)(const char *text));
void who_deinit(struct who *w);

/* Looks up who the settings name. Names that there are not are told and skipped. */
void who_load(struct who *w, const struct settings *s);

/* @now_ms is of a clock that goes forward; cheap when it was called within the last second. */
void who_refresh(struct who *w, uint64_t now_ms);

enum access_class who_class(const struct who *w, const struct peer *p);
bool who_is_granted(const struct who *w, const struct peer *p, unsigned item);
bool who_has_grants(const struct who *w, const struct peer *p);
unsigned who_priority(const struct who *w, uid_t uid);

#endif
