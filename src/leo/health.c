/*
 * How a service is; see health.h.
 */
#include "leo/health.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/parse.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/talk.h"
#include "leo/text.h"

enum { STAT_BYTES_MAX = 1024 * 1024, MANAGER_PID = 1 };

static void ask_manager(const struct service *s, struct health *h)
{
	h->asked = unit_show(s->unit, &h->unit);
	if (h->asked == 0)
		h->asked = unit_show(s->socket_unit, &h->socket_unit);
}

/* "Leonhard node 0.1": what the service says of itself. */
static char *version_of(const json_t *info)
{
	const char *product = json_string_value(json_object_get(info, "product"));
	const char *version = json_string_value(json_object_get(info, "version"));
	_cleanup_free_ char *raw = NULL;
	char *text;

	if (asprintf(&raw, "%s%s%s", product ? product : "something", version ? " " : "",
		     version ? version : "") < 0 ||
	    text_clean(raw, strlen(raw), &text) < 0)
		return NULL;
	return text;
}

static void ask_service(struct leo *l, const struct service *s, struct health *h)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *info = NULL;
	uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC);

	h->answer = rpc_link_open(l->root, s->interface, &link);
	if (h->answer == 0)
		h->answer = talk_quietly(link, "org.varlink.service.GetInfo", NULL, &info);
	if (h->answer < 0)
		return;
	h->answer_ns = time_now_ns(CLOCK_MONOTONIC) - begin_ns;
	h->version = version_of(info);
	h->link = take_ptr(link);
}

/* Seconds since 1970 of the boot; processes tell their start in ticks from there. */
static int boot_time(int root_fd, uint64_t *ret_s)
{
	_cleanup_free_ char *text = NULL;
	char *line;
	int r = fs_read(root_fd, "/proc/stat", STAT_BYTES_MAX, &text, NULL);

	if (r < 0)
		return r;
	line = strstr(text, "\nbtime ");
	if (!line)
		return -ENODATA;
	line += strlen("\nbtime ");
	line[strcspn(line, "\n")] = '\0';
	return parse_u64(line, 0, UINT32_MAX, ret_s);
}

/* What the service manager does not know, the process tells. */
static void ask_process(int root_fd, struct health *h)
{
	pid_t pid = h->unit.main_pid ? h->unit.main_pid : h->endpoint.pid;
	struct proc p;
	uint64_t boot_s;

	h->memory_bytes = h->unit.memory_bytes;
	h->since_ns = h->unit.since_ns;
	if (pid <= MANAGER_PID || proc_read(root_fd, pid, &p) < 0)
		return;
	if (!h->memory_bytes)
		h->memory_bytes = p.rss_bytes;
	if (!h->since_ns && boot_time(root_fd, &boot_s) == 0)
		h->since_ns = boot_s * NS_PER_S + p.start_ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

static bool listens_for_it(const struct health *h)
{
	return str_equal(h->socket_unit.active, "active") && !str_equal(h->unit.active, "active");
}

static enum health_state judge(const struct health *h)
{
	if (h->answer == 0)
		return HEALTH_RUNNING;
	if (str_equal(h->unit.active, "failed"))
		return HEALTH_FAILED;
	if (str_equal(h->unit.active, "activating"))
		return HEALTH_STARTING;
	if (h->answer == -EACCES || h->endpoint.connected == -EACCES ||
	    h->endpoint.folder == -EACCES)
		return HEALTH_FORBIDDEN;
	if (h->endpoint.connected == 0 || h->endpoint.connected == -EAGAIN)
		return HEALTH_SILENT;
	return listens_for_it(h) ? HEALTH_ON_DEMAND : HEALTH_STOPPED;
}

void health_look(struct leo *l, const struct service *s, bool start, struct health *ret_health)
{
	struct health h = {.answer = -ENOTCONN, .manager = unit_manager_present(l->root_fd)};

	if (h.manager)
		ask_manager(s, &h);
	endpoint_look(l->root_fd, s->interface, start || !listens_for_it(&h), &h.endpoint);
	if (h.endpoint.connected == 0)
		ask_service(l, s, &h);
	ask_process(l->root_fd, &h);
	h.state = judge(&h);
	*ret_health = h;
}

void health_deinit(struct health *h)
{
	free(h->version);
	rpc_link_free(h->link);
	*h = (struct health){};
}

const char *health_state_name(enum health_state state)
{
	static const char *const names[] = {
		[HEALTH_RUNNING] = "running",	  [HEALTH_STARTING] = "starting",
		[HEALTH_ON_DEMAND] = "on demand", [HEALTH_STOPPED] = "stopped",
		[HEALTH_FAILED] = "failed",	  [HEALTH_SILENT] = "not answering",
		[HEALTH_FORBIDDEN] = "forbidden",
	};

	return names[state];
}
