/*
 * A question before something that cannot be undone; --yes answers it.
 */
#ifndef LEO_CONFIRM_H
#define LEO_CONFIRM_H

#include "leo/leo.h"

/*
 * LEO_DONE when the person says yes. Else LEO_FAILED, after a word that nothing was changed; where
 * nobody can be asked, with @next as what to try.
 */
__attribute__((format(printf, 3, 4))) int confirm(struct leo *l, const char *next,
						  const char *format, ...);

/* Whether the next line of @f means yes: "y" or "yes", in any case. */
bool confirm_read(FILE *f);

#endif
