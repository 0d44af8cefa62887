/*
 * The book from within: for leases*.c only.
 */
#ifndef PWRAPIS_WRITER_LEASESINT_H
#define PWRAPIS_WRITER_LEASESINT_H

#include "core/list.h"
#include "pwrapis/writer/leases.h"

struct lease {
	struct list_link at; /* leases.leases */
	uint64_t id;
	struct list settings;
};

struct spot {
	struct list_link at; /* leases.spots */
	unsigned item;
	char name[POWER_NAME_BYTES];
	double rounding; /* by this share may be read back what was written */
	struct list settings; /* the youngest first */
	struct power_value original, last, tried;
	bool tried_now; /* tried may be there, as may last: nobody has looked since */
	bool owed; /* what belongs there is not there */
};

struct setting {
	struct list_link of_lease, of_spot;
	struct lease *lease;
	struct spot *spot; /* NULL: per client, or lost */
	unsigned item;
	char name[POWER_NAME_BYTES];
	struct power_value seen; /* as it was read back */
	int fd; /* of a control per client; else -1 */
};

struct leases {
	const struct leases_ops *ops;
	void *data;
	struct list leases;
	struct list spots; /* what was set last comes first */
	unsigned lease_count, spot_count, setting_count;
};

/* leases.c: finding, making, unmaking. */
struct lease *leases_find_lease(struct leases *l, uint64_t id);
int leases_make_lease(struct leases *l, uint64_t id, struct lease **ret_lease);
/* Unless it has settings. */
void leases_unmake_lease(struct leases *l, struct lease *lease);
struct setting *leases_find_setting(struct lease *lease, unsigned item, const char *name);
int leases_make_setting(struct leases *l, struct lease *lease, unsigned item, const char *name,
			struct setting **ret_setting);
void leases_unmake_setting(struct leases *l, struct setting *s);
struct spot *leases_find_spot(struct leases *l, unsigned item, const char *name);
int leases_make_spot(struct leases *l, unsigned item, const char *name, struct spot **ret_spot);
/* Its settings are lost. */
void leases_unmake_spot(struct leases *l, struct spot *spot);

/* That nobody has set it; and that the one may be what the file makes of the other. */
bool leases_same(const struct power_value *is, const struct power_value *wanted);
bool leases_close(const struct spot *spot, const struct power_value *is,
		  const struct power_value *wanted);

/* leaseback.c */
int leases_note_spot(struct leases *l, const struct spot *spot, enum leases_state state);
/* Whether @now is what we have left there; it is the last that was seen then. */
bool leases_is_ours(struct spot *spot, const struct power_value *now);
void leases_tell(struct leases *l, const struct spot *spot, const struct power_value *now);
/* What the youngest setting has put there, or the original. */
const struct power_value *leases_target(struct spot *spot);

#endif
