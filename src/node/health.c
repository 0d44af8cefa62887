/*
 * Health; see health.h. One row per sign; a row that cannot be read is unknown and no illness.
 */
#include "node/health.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "node/finding.h"
#include "node/meminfo.h"
#include "rpc/json.h"

enum {
	FILE_BYTES_MAX = 64 * 1024,
	FREE_PERCENT_MIN = 5,
	STALLED_PERCENT_MAX = 20,
};

/* Here "yes" is healthy, "no" is not. */
struct sign {
	const char *name;
	void (*read)(const struct machine *m, struct finding *f);
};

static int read_meminfo(const struct machine *m, const char *key, uint64_t *ret_bytes)
{
	_cleanup_free_ char *text = NULL;
	int r = machine_text(m, "/proc/meminfo", FILE_BYTES_MAX, &text);

	return r < 0 ? r : meminfo_find(text, key, ret_bytes);
}

static void read_available(const struct machine *m, struct finding *f)
{
	uint64_t total, available;

	if (read_meminfo(m, "MemTotal", &total) < 0 ||
	    read_meminfo(m, "MemAvailable", &available) < 0) {
		finding_set(f, POWER_UNKNOWN, "/proc/meminfo does not tell");
		return;
	}
	finding_detail(f, "%" PRIu64 " of %" PRIu64 " MiB available", available >> 20, total >> 20);
	finding_set(f, available >= total / 100 * FREE_PERCENT_MIN ? POWER_YES : POWER_NO,
		    "/proc/meminfo; healthy from %d %% on", FREE_PERCENT_MIN);
}

/* "full avg10=1.23 avg60=..." is the second line: the share of time in which nothing went on. */
static void read_stalled(const struct machine *m, struct finding *f)
{
	static const char path[] = "/proc/pressure/memory";
	_cleanup_free_ char *text = NULL;
	const char *full;
	double percent;

	if (machine_text(m, path, FILE_BYTES_MAX, &text) < 0 ||
	    !(full = strstr(text, "\nfull avg10="))) {
		finding_set(f, POWER_UNKNOWN, "%s does not tell", path);
		return;
	}
	percent = strtod(full + strlen("\nfull avg10="), NULL);
	if (!(percent >= 0 && percent <= 100)) {
		finding_set(f, POWER_UNKNOWN, "%s tells no percentage", path);
		return;
	}
	finding_detail(f, "for %.0f %% of the last 10 s everything waited for memory", percent);
	finding_set(f, percent <= STALLED_PERCENT_MAX ? POWER_YES : POWER_NO,
		    "%s; healthy up to %d %%", path, STALLED_PERCENT_MAX);
}

static void read_corrupted(const struct machine *m, struct finding *f)
{
	uint64_t bytes;

	if (read_meminfo(m, "HardwareCorrupted", &bytes) < 0) {
		finding_set(f, POWER_UNKNOWN, "/proc/meminfo does not tell");
		return;
	}
	finding_detail(f, "%" PRIu64 " KiB of memory are broken", bytes >> 10);
	finding_set(f, bytes ? POWER_NO : POWER_YES, "HardwareCorrupted in /proc/meminfo");
}

/* Errors that could not be corrected, as counted by the memory controllers' drivers. */
static void read_uncorrected(const struct machine *m, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/devices/system/edac/mc");
	uint64_t count, sum = 0;
	unsigned controllers = 0;

	for (char **name = names; name && *name; name++)
		if (machine_number(m, &count, "/sys/devices/system/edac/mc/%s/ue_count", *name) ==
		    0) {
			controllers++;
			sum += count;
		}
	if (!controllers) {
		finding_set(f, POWER_UNKNOWN, "no memory controller in /sys/devices/system/edac");
		return;
	}
	finding_detail(f, "%" PRIu64 " uncorrected memory errors", sum);
	finding_set(f, sum ? POWER_NO : POWER_YES, "ue_count of %u controllers", controllers);
}

/* Bits of the kernel's taint that tell of something that went wrong, and not of a module. */
static void read_taint(const struct machine *m, struct finding *f)
{
	static const struct {
		unsigned bit;
		const char *what;
	} bits[] = {
		{4, "machine check"}, {5, "bad page"},	   {7, "oops"},
		{9, "warning"},	      {14, "soft lockup"},
	};
	bool bad = false;
	uint64_t taint;

	if (machine_number(m, &taint, "/proc/sys/kernel/tainted") < 0) {
		finding_set(f, POWER_UNKNOWN, "/proc/sys/kernel/tainted does not tell");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (taint >> bits[i].bit & 1) {
			finding_list(f, ", ", bits[i].what);
			bad = true;
		}
	finding_set(f, bad ? POWER_NO : POWER_YES, "/proc/sys/kernel/tainted says %" PRIu64, taint);
}

static const struct sign signs[] = {
	{"kernel", read_taint},
	{"memory.available", read_available},
	{"memory.stalled", read_stalled},
	{"memory.broken", read_corrupted},
	{"memory.errors", read_uncorrected},
};

static int add(json_t *list, const char *name, const struct finding *f)
{
	static const char *const words[] = {
		[POWER_UNKNOWN] = "unknown",
		[POWER_YES] = "good",
		[POWER_NO] = "bad",
	};
	json_t *j = json_pack("{s:s, s:s, s:s, s:s}", "name", name, "condition", words[f->state],
			      "detail", f->detail, "evidence", f->evidence);

	return json_array_append_new(list, j) < 0 ? -ENOMEM : 0;
}

int health_collect(const struct machine *m, json_t **ret_reply)
{
	_cleanup_json_ json_t *list = json_array();
	bool healthy = true;
	int r = list ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(signs) && r == 0; i++) {
		struct finding f = {};

		signs[i].read(m, &f);
		healthy &= f.state != POWER_NO;
		r = add(list, signs[i].name, &f);
	}
	if (r < 0)
		return r;
	*ret_reply = json_pack("{s:b, s:O}", "healthy", healthy, "signs", list);
	return *ret_reply ? 0 : -ENOMEM;
}
