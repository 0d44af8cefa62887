/*
 * Reading the machine for handlers: a value of an item, or what is told instead.
 */
#ifndef PWRAPIS_READ_H
#define PWRAPIS_READ_H

#include "pwrapis/call.h"
#include "pwrapis/items.h"
#include "pwrapis/machine.h"

enum { MHZ = 1000000 };

struct machine *call_machine(const struct call *c);
unsigned call_count(const struct call *c, enum power_domain domain);

/* As machine_read(). */
int call_read(const struct call *c, enum item item, unsigned index, double *ret_number);
/* A text, cut to a published name of 32 bytes. */
int call_read_text(const struct call *c, enum item item, unsigned index,
		   char out[PWR_MAX_ELEMENT_NAME_LEN]);
int call_words(const struct call *c, enum item item, unsigned index, char ***ret_words);

/* Copies a name of the machine's, cut. */
void name_copy(char out[PWR_MAX_ELEMENT_NAME_LEN], const char *name);
/* A name in a request, which may lack its NUL: @out has room for one more. */
void name_take(char out[PWR_MAX_ELEMENT_NAME_LEN + 1], const char *name);
/* The instance of a name in a request: -ENOENT. */
int name_find(const struct call *c, enum power_domain domain, const char *name,
	      unsigned *ret_index);

/* The number at the end of a name of the kernel's: of "policy12", "cpu3", "state0". */
int name_number(const char *name);

/* Whether no processor of the policy is on line. */
bool policy_is_offline(const struct call *c, unsigned index);
/* The first policy that is not, as of the processors. -ENODEV, or -EOPNOTSUPP when there is none.
 */
int policy_first(const struct call *c, unsigned *ret_index);

#endif
