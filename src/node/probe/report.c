/*
 * The result of all trials; see report.h.
 */
#include "node/probe/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/def.h"
#include "base/io.h"
#include "base/time.h"
#include "node/places.h"

#define TRIAL_NS (5 * NS_PER_S)

enum { BOOT_ID_BYTES_MAX = 64 };

static void decref(json_t **j)
{
	json_decref(*j);
}

static bool wanted(char *const *names, const char *name)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static int check_names(char *const *names, const char **ret_unknown)
{
	for (; *names; names++) {
		unsigned i = 0;

		while (i < trial_count && strcmp(trials[i].name, *names) != 0)
			i++;
		if (i == trial_count) {
			*ret_unknown = *names;
			return -ENOENT;
		}
	}
	return 0;
}

/* Makes a trial before @end_ns, or says that there was no time for it. */
static void run(const struct trial *t, uint64_t end_ns, struct finding *f)
{
	uint64_t now_ns = time_now_ns(CLOCK_MONOTONIC);
	uint64_t left_ns = now_ns < end_ns ? end_ns - now_ns : 0;

	if (left_ns >= NS_PER_MS)
		trial_run(t, left_ns < TRIAL_NS ? left_ns : TRIAL_NS, f);
	else
		finding_set(f, POWER_UNKNOWN, "not tried: the trials before took too long");
}

static int add(json_t *powers, const char *name, const struct finding *f)
{
	json_t *j =
		json_pack("{s:s, s:s, s:s, s:s}", "name", name, "state", power_state_name(f->state),
			  "detail", f->detail, "evidence", f->evidence);

	return json_array_append_new(powers, j) < 0 ? -ENOMEM : 0;
}

static int run_all(char *const *names, uint64_t limit_ns, json_t *powers)
{
	uint64_t end_ns = time_now_ns(CLOCK_MONOTONIC) + limit_ns;
	int r = 0;

	for (unsigned i = 0; i < trial_count && r == 0; i++) {
		struct finding f = {};

		if (!wanted(names, trials[i].name))
			continue;
		run(&trials[i], end_ns, &f);
		r = add(powers, trials[i].name, &f);
	}
	return r;
}

static int read_boot_id(char **ret_id)
{
	int r = io_read_file(AT_FDCWD, NODE_BOOT_ID_PATH, BOOT_ID_BYTES_MAX, ret_id, NULL);

	if (r == 0)
		(*ret_id)[strcspn(*ret_id, "\n")] = '\0';
	return r;
}

int report_make(char *const *names, uint64_t limit_ns, json_t **ret_report,
		const char **ret_unknown)
{
	_cleanup_(decref) json_t *powers = json_array(), *report = NULL;
	_cleanup_free_ char *boot_id = NULL;
	uint64_t started_ns = time_now_ns(CLOCK_BOOTTIME);
	int r = check_names(names, ret_unknown);

	if (r == 0)
		r = read_boot_id(&boot_id);
	if (r == 0)
		r = powers ? run_all(names, limit_ns, powers) : -ENOMEM;
	if (r < 0)
		return r;
	report = json_pack("{s:s, s:I, s:I, s:O}", "boot_id", boot_id, "started_ns",
			   (json_int_t)started_ns, "probed_ns",
			   (json_int_t)time_now_ns(CLOCK_REALTIME), "powers", powers);
	if (!report)
		return -ENOMEM;
	*ret_report = take_ptr(report);
	return 0;
}
