/*
 * Health: signs that changes are not seen, or not as they should be; see trace.h. One row per sign;
 * a row that cannot be read is unknown and no illness.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "filetrace/store.h"
#include "filetrace/trace/capture.h"
#include "filetrace/trace/json_record.h"
#include "filetrace/trace/trace.h"

/* Records, before a share of them tells anything. */
enum { ATTRIBUTED_MIN = 100 };

enum condition { CONDITION_UNKNOWN, CONDITION_GOOD, CONDITION_BAD };

struct finding {
	enum condition condition;
	char detail[1024], evidence[512]; /* not escaped */
};

/* What the signs look at. */
struct looked {
	const struct trace *trace;
	int runs; /* capture_runs() */
	int status_r; /* of reading @status */
	struct ledger_status status;
};

struct sign {
	const char *name;
	void (*read)(const struct looked *l, struct finding *f);
};

__attribute__((format(printf, 3, 4))) static void set(struct finding *f, enum condition condition,
						      const char *format, ...)
{
	va_list args;

	f->condition = condition;
	va_start(args, format);
	vsnprintf(f->detail, sizeof(f->detail), format, args);
	va_end(args);
}

static void evidence(struct finding *f, const char *text)
{
	snprintf(f->evidence, sizeof(f->evidence), "%s", text);
}

static void read_capture(const struct looked *l, struct finding *f)
{
	evidence(f, "the lock on " STORE_DIR "/lock");
	if (l->runs < 0)
		set(f, CONDITION_UNKNOWN, "cannot be told: %s", strerror(-l->runs));
	else if (l->runs)
		set(f, CONDITION_GOOD, "leonhard-filetrace runs");
	else
		set(f, CONDITION_BAD, "leonhard-filetrace does not run: no change is seen");
}

static void read_store(const struct looked *l, struct finding *f)
{
	const struct ledger_status *s = &l->status;

	evidence(f, "reading " STORE_DIR "/trace.sqlite");
	if (l->status_r < 0)
		set(f, CONDITION_BAD, "%s", trace_reason(l->status_r));
	else
		set(f, CONDITION_GOOD, "%" PRIu64 " records, %" PRIu64 " MiB", s->records,
		    s->store_bytes >> 20);
}

/* What runs of the ways to see changes; every one but the best is told as a lack. */
static void read_backend(const struct looked *l, struct finding *f)
{
	const struct ledger_status *s = &l->status;
	size_t len;

	evidence(f, "what leonhard-filetrace has written into the store; good is lsm");
	if (l->status_r < 0 || l->runs <= 0 || !s->backend || !*s->backend) {
		set(f, CONDITION_UNKNOWN, "not told");
		return;
	}
	set(f, str_equal(s->backend, "lsm") ? CONDITION_GOOD : CONDITION_BAD, "%s", s->backend);
	for (char **sentence = s->cannot_see; sentence && *sentence; sentence++) {
		len = strlen(f->detail);
		snprintf(f->detail + len, sizeof(f->detail) - len, "%s%s",
			 sentence == s->cannot_see ? ". " : " ", *sentence);
	}
}

static void read_lost(const struct looked *l, struct finding *f)
{
	evidence(f, "counters of the kernel's half; bad from one on, until the next boot");
	if (l->status_r < 0)
		set(f, CONDITION_UNKNOWN, "not told");
	else if (l->status.lost)
		set(f, CONDITION_BAD,
		    "%" PRIu64 " events were lost; what they changed was found afterwards, and "
		    "not who did it",
		    l->status.lost);
	else
		set(f, CONDITION_GOOD, "no event was lost");
}

static void read_attribution(const struct looked *l, struct finding *f)
{
	const uint64_t *n = l->status.attributed;
	uint64_t all = n[ATTRIBUTION_NONE] + n[ATTRIBUTION_PARTIAL] + n[ATTRIBUTION_FULL];
	bool bad = all >= ATTRIBUTED_MIN && n[ATTRIBUTION_FULL] < all - all / 100;

	evidence(f, "records since leonhard-filetrace has started; bad under 99 % of a hundred or "
		    "more");
	if (l->status_r < 0)
		set(f, CONDITION_UNKNOWN, "not told");
	else if (!all)
		set(f, CONDITION_GOOD, "there is no record yet");
	else
		set(f, bad ? CONDITION_BAD : CONDITION_GOOD,
		    "of %" PRIu64 " records it is known of %" PRIu64 " who made them, of %" PRIu64
		    " in part",
		    all, n[ATTRIBUTION_FULL], n[ATTRIBUTION_PARTIAL]);
}

static void read_disk(const struct looked *l, struct finding *f)
{
	uint64_t limit = trace_settings(l->trace)->health_free_percent;
	_cleanup_close_ int fd = -1;
	struct statvfs v;

	snprintf(f->evidence, sizeof(f->evidence),
		 "statvfs of " STORE_DIR "; bad under %" PRIu64 " %%", limit);
	if (fs_open(l->trace->daemon->root_fd, STORE_DIR, O_RDONLY | O_DIRECTORY, 0, &fd) < 0 ||
	    fstatvfs(fd, &v) < 0 || !v.f_blocks) {
		set(f, CONDITION_UNKNOWN, "cannot be told");
		return;
	}
	set(f, v.f_bavail / (double)v.f_blocks * 100 < limit ? CONDITION_BAD : CONDITION_GOOD,
	    "%" PRIu64 " MiB are free, %.0f %%", (uint64_t)v.f_bavail * v.f_frsize >> 20,
	    v.f_bavail / (double)v.f_blocks * 100);
}

static void read_problem(const struct looked *l, struct finding *f)
{
	const char *problem = l->status.problem;

	evidence(f, "what leonhard-filetrace has written into the store");
	if (l->status_r < 0)
		set(f, CONDITION_UNKNOWN, "not told");
	else if (problem && *problem)
		set(f, CONDITION_BAD, "%s", problem);
	else
		set(f, CONDITION_GOOD, "none");
}

static const struct sign signs[] = {
	{"capture", read_capture}, {"store", read_store}, {"backend", read_backend},
	{"lost", read_lost},	   {"disk", read_disk},	  {"attribution", read_attribution},
	{"problem", read_problem},
};

static int add(json_t *list, const char *name, const struct finding *f)
{
	static const char *const words[] = {
		[CONDITION_UNKNOWN] = "unknown",
		[CONDITION_GOOD] = "good",
		[CONDITION_BAD] = "bad",
	};
	json_t *j = json_pack("{s:s, s:s, s:o, s:s}", "name", name, "condition",
			      words[f->condition], "detail",
			      json_bytes(f->detail, strlen(f->detail)), "evidence", f->evidence);

	return json_array_append_new(list, j) < 0 ? -ENOMEM : 0;
}

static void look(struct trace *t, struct looked *ret_looked)
{
	struct ledger *ledger;

	*ret_looked = (struct looked){.trace = t, .runs = capture_runs(t->daemon->root_fd)};
	ret_looked->status_r = view_get(&t->view, &ledger);
	if (ret_looked->status_r == 0)
		ret_looked->status_r = ledger_status(ledger, &ret_looked->status);
	if (ret_looked->status_r < 0 && ret_looked->status_r != -ENOMEM)
		view_drop(&t->view);
}

void trace_health(struct trace *t, struct rpc_call *call)
{
	_cleanup_json_ json_t *list = json_array();
	struct looked looked;
	bool healthy = true;
	int r = list ? 0 : -ENOMEM;

	look(t, &looked);
	for (size_t i = 0; i < ARRAY_SIZE(signs) && r == 0; i++) {
		struct finding f = {};

		signs[i].read(&looked, &f);
		healthy &= f.condition != CONDITION_BAD;
		r = add(list, signs[i].name, &f);
	}
	ledger_status_deinit(&looked.status);
	if (r < 0)
		rpc_failed(call, r, trace_reason(r));
	else
		rpc_reply(call, json_pack("{s:b, s:O}", "healthy", healthy, "signs", list));
}
