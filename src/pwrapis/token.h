/*
 * The control token: one owner at a time, who may set what needs it.
 *
 * Whoever asks gets it when nobody has it, or when the owner's priority is lower; then the owner
 * loses it, and the caller tells them and puts back what they have set. Of equals the first keeps
 * it. An owner who asks again keeps it, with the priority of the first time.
 */
#ifndef PWRAPIS_TOKEN_H
#define PWRAPIS_TOKEN_H

#include <stdbool.h>

struct token {
	void *owner; /* NULL: nobody. Never followed */
	unsigned priority;
};

/* 0, or 1 when it was taken from *@ret_former, or -EBUSY. */
int token_request(struct token *t, void *who, unsigned priority, void **ret_former);

/* 0, also when nobody has it; -EBUSY when somebody else has. */
int token_release(struct token *t, const void *who);

static inline bool token_is_owned_by(const struct token *t, const void *who)
{
	return t->owner && t->owner == who;
}

#endif
