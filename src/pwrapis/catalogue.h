/*
 * Items as the varlink front offers them: those of the machine's table, and behind them what this
 * daemon measures itself, once a second: power of parts of the machine, usage of processors.
 */
#ifndef PWRAPIS_CATALOGUE_H
#define PWRAPIS_CATALOGUE_H

#include <jansson.h>

#include "pwrapis/machine.h"

struct pwrapis;
struct rpc_call;

enum { CATALOGUE_PLACES_MAX = 512 };

/* By number; NULL behind the last. Those from power_item_count() on have no read(). */
const struct power_item *catalogue_item(unsigned number);
const char *catalogue_unit(const struct power_item *item);
unsigned catalogue_count(void);
/* -ENOENT */
int catalogue_find(const char *name, unsigned *ret_number);

/* Whether @pattern, a name or the beginning of one with a * behind, means @name. */
bool catalogue_matches(const char *pattern, const char *name);

/* Of the machine, or what was measured: fails as machine_read(). */
int catalogue_read(struct pwrapis *p, unsigned number, unsigned index,
		   struct power_value *ret_value);

/* Usage of processors over the last second, by their numbers; -1: unknown. As usage_read(). */
int catalogue_usage(struct pwrapis *p, const double **ret_cpus, size_t *ret_count,
		    double *ret_mean);

/* As objects of the interface, those that the call may be about; @domain NULL: of all. */
int catalogue_list(const struct pwrapis *p, const char *domain, const struct rpc_call *call,
		   json_t **ret_items);

#endif
