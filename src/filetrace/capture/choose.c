/*
 * Which source captures: the first one, from the best to the last, that works on this machine, or
 * the one that the configuration names.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "filetrace/capture/capture.h"

static int try(struct capture *c, const struct source_ops *ops, bool *ret_adopted)
{
	const struct source_config config = {
		.root_fd = c->daemon->root_fd,
		.boot_id = c->boot_id,
		.pin_dir = CAPTURE_PIN_DIR,
		.ring_bytes = c->settings->ring_bytes,
	};
	const char *reason = NULL;
	int r = ops->open(&config, &c->source, ret_adopted, &reason);

	if (r < 0) {
		log_notice("cannot capture by way of %s: %s", ops->name,
			   reason ? reason : strerror(-r));
		return r;
	}
	c->ops = ops;
	log_info("capturing by way of %s%s", ops->name,
		 *ret_adopted ? ", which has gone on meanwhile" : "");
	return 0;
}

/* NULL: any. */
static const char *const names[] = {
	[BACKEND_LSM] = "lsm",
	[BACKEND_TRACEPOINT] = "tracepoint",
	[BACKEND_FANOTIFY] = "fanotify",
};

int choose_source(struct capture *c, bool *ret_adopted)
{
	const char *wanted = names[c->settings->backend];
	int r = -EOPNOTSUPP;

	for (size_t i = 0; sources[i]; i++) {
		if (wanted && !str_equal(wanted, sources[i]->name))
			continue;
		r = try(c, sources[i], ret_adopted);
		if (r == 0)
			return 0;
	}
	log_error("there is no way to capture on this machine");
	return r;
}
