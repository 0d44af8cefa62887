/*
 * What was found out about one power: the state, what was found, and how.
 *
 * Everything is held in place, so a finding can be filled without memory, copied, and sent through
 * a pipe. Texts are UTF-8 as long as what is put in is; one that does not fit ends with an ellipsis
 * at the border of a character.
 */
#ifndef NODE_FINDING_H
#define NODE_FINDING_H

#include <stdarg.h>
#include <stddef.h>

enum power_state {
	POWER_UNKNOWN, /* could not be found out; what a zeroed finding says */
	POWER_YES, /* seen to work */
	POWER_NO, /* seen not to work */
};

enum { FINDING_DETAIL_MAX = 256, FINDING_EVIDENCE_MAX = 512 };

struct finding {
	enum power_state state;
	char detail[FINDING_DETAIL_MAX]; /* what was found, for people */
	char evidence[FINDING_EVIDENCE_MAX]; /* how it was found out */
};

/* "unknown", "yes", "no". */
const char *power_state_name(enum power_state state);
/* -EINVAL for anything else. */
int power_state_parse(const char *text, enum power_state *ret_state);

/* Sets state and evidence, and leaves the detail alone. */
__attribute__((format(printf, 3, 4))) void finding_set(struct finding *f, enum power_state state,
						       const char *evidence, ...);

/* Adds to the detail. */
__attribute__((format(printf, 2, 3))) void finding_detail(struct finding *f, const char *format,
							  ...);

/* Adds @text to the detail, after @separator unless it is the first. */
void finding_list(struct finding *f, const char *separator, const char *text);

/* Copies or prints text, which is UTF-8, into @size bytes, cut as above. */
void finding_copy(char *buf, size_t size, const char *text);
__attribute__((format(printf, 3, 0))) void finding_vprint(char *buf, size_t size,
							  const char *format, va_list args);
/* Adds to what is there. */
__attribute__((format(printf, 3, 4))) void finding_add(char *buf, size_t size, const char *format,
						       ...);

#endif
