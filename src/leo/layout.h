/*
 * An interface laid out for people, and as objects for programs.
 */
#ifndef LEO_LAYOUT_H
#define LEO_LAYOUT_H

#include "leo/leo.h"
#include "rpc/idl.h"

/* The comment of the interface and all members, in the order of the file. 0 or -ENOMEM. */
int layout_interface(struct leo *l, const struct idl *idl);
int layout_member(struct leo *l, const struct idl_member *m);

/*
 * One object: "interface", "source" (service, file), "kind" (type, method, error), "name",
 * "comment"; of a method "access", "parameters" and "reply"; else "fields", or "names" of an
 * enumeration. A field has "name", "type", "comment" and, where it is given, "unit".
 */
int layout_member_json(struct leo *l, const struct idl *idl, const struct idl_member *m,
		       bool asked);

#endif
