/*
 * The control token; see token.h.
 */
#include "pwrapis/token.h"

#include <errno.h>
#include <stddef.h>

int token_request(struct token *t, void *who, unsigned priority, void **ret_former)
{
	void *former = t->owner;

	if (former == who)
		return 0;
	if (former && priority <= t->priority)
		return -EBUSY;
	*t = (struct token){.owner = who, .priority = priority};
	if (!former)
		return 0;
	*ret_former = former;
	return 1;
}

int token_release(struct token *t, const void *who)
{
	if (!t->owner)
		return 0;
	if (t->owner != who)
		return -EBUSY;
	*t = (struct token){};
	return 0;
}
