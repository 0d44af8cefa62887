/*
 * High-bandwidth memory, as kernels of openEuler have it on machines with HBM: how it is used, and
 * its power. Mainline kernels have none of this, and then nothing is here.
 *
 * As a cache it is a device HISI04A1 of ACPI with folders in /sys/kernel/hbm_cache; as memory
 * (flat) it is in containers PNP0A06 that have a file state, beside memory devices PNP0C80 of ACPI.
 * The latter two are common, so neither alone is HBM.
 */
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "pwrapis/machine/source.h"

#define ACPI_DIR "/sys/bus/acpi/devices"
#define CACHE_DIR "/sys/kernel/hbm_cache"
#define CONTAINER_DIR "/sys/devices/system/container"

/* In the number of an instance. */
enum { HBM_FLAT = 1, HBM_CACHE = 2 };

static const struct kind {
	int mode;
	const char *device, *dir,
		*prefix; /* of ACPI; where its parts are, and how they are called */
	const char *name;
} kinds[] = {
	{HBM_FLAT, "PNP0C80", CONTAINER_DIR, "PNP0A06", "flat"},
	{HBM_CACHE, "HISI04A1", CACHE_DIR, "", "cache"},
};

static int read_mode(struct machine *m, const struct power_item *item, unsigned index,
		     struct power_value *ret_value)
{
	static const char *const modes[] = {
		[HBM_FLAT] = "flat", [HBM_CACHE] = "cache", [HBM_FLAT | HBM_CACHE] = "hybrid"};
	int mode = 0;

	for (unsigned i = 0; i < machine_count(m, POWER_HBM); i++)
		mode |= machine_instance(m, POWER_HBM, i)->number[0];
	if (!mode)
		return -EOPNOTSUPP;
	strcpy(ret_value->text, modes[mode]);
	return 0;
}

static const char *const states[] = {"online", "offline", NULL};

static const struct power_item items[] = {
	{.name = "hbm.mode",
	 .help = "How high-bandwidth memory is used: flat, cache or hybrid.",
	 .domain = POWER_BOARD,
	 .unit = POWER_TEXT,
	 .flags = POWER_SIGNAL,
	 .read = read_mode},
	SOURCE_CONTROL("hbm.state", "Whether this part of it has power: online or offline.",
		       POWER_HBM, POWER_TEXT, source_check, .file = "state", .words = states),
};

/* Whether ACPI has the device: "PNP0C80:00". */
static int has_device(struct machine *m, const char *device, bool *ret_has)
{
	_cleanup_(str_vector_free_p) char **names = NULL;
	int r = machine_list(m, ACPI_DIR, &names);

	*ret_has = false;
	for (char **name = names; r == 0 && *name; name++)
		*ret_has |= str_starts(*name, device) && (*name)[strlen(device)] == ':';
	return r;
}

static int add_part(struct machine *m, const struct kind *kind, const char *name)
{
	char told[2 * POWER_NAME_BYTES];
	struct instance probe = {}, *part;
	int r;

	if (!str_starts(name, kind->prefix))
		return 0;
	snprintf(probe.path, sizeof(probe.path), "%s/%.64s", kind->dir, name);
	if (!source_has(m, &probe, "state"))
		return 0;
	snprintf(told, sizeof(told), "%s/%.32s", kind->name, name);
	r = machine_add(m, POWER_HBM, told, probe.path, &part);
	if (r == 0 && part)
		part->number[0] = kind->mode;
	return r;
}

static int look(struct machine *m)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(kinds); i++) {
		_cleanup_(str_vector_free_p) char **names = NULL;
		bool has;

		r = has_device(m, kinds[i].device, &has);
		if (r < 0 || !has)
			continue;
		r = machine_list(m, kinds[i].dir, &names);
		for (char **name = names; r == 0 && *name; name++)
			r = add_part(m, &kinds[i], *name);
	}
	return r;
}

const struct backend backend_hbm = {items, ARRAY_SIZE(items), look};
