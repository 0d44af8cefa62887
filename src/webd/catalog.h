/*
 * The interfaces that are installed: /usr/share/leonhard/api/NAME.varlink. A service that is new
 * is found by itself, since the folder is read again when it has changed.
 */
#ifndef WEBD_CATALOG_H
#define WEBD_CATALOG_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#define CATALOG_DIR "/usr/share/leonhard/api"

enum { CATALOG_MAX = 256 };

struct idl;

struct catalog {
	int root_fd;
	struct timespec changed; /* of the folder, when it was read */
	struct idl *all[CATALOG_MAX]; /* owned, by name */
	size_t count;
};

void catalog_init(struct catalog *c, int root_fd);
void catalog_deinit(struct catalog *c);

/* [{"name", "description"}, ...], the caller's. */
int catalog_list(struct catalog *c, json_t **ret_list);

/* Whether the method (full name) has that parameter; no for one that nobody has installed. */
bool catalog_takes(struct catalog *c, const char *method, const char *parameter);

#endif
