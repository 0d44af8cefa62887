/*
 * What the person at the keyboard may ask of services: their class of access, and what would give
 * more. Read from the same file as the services read (rpc/access.h).
 */
#ifndef LEO_STANDING_H
#define LEO_STANDING_H

#include "rpc/access.h"

struct standing {
	enum access_class now; /* with the groups that this session has */
	enum access_class after_login; /* with the groups that the machine says this person is in */
	enum access_class next; /* the next class that can be had; ACCESS_NONE: there is none */
	char *groups; /* that give it, as in the file: "adm wheel"; NULL: none do */
	char *users; /* likewise */
};

/* -EINVAL with *@ret_problem when the file is wrong: services then use none of it. */
int standing_look(int root_fd, struct standing *ret_standing, char **ret_problem);
void standing_deinit(struct standing *s);

#endif
