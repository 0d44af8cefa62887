/*
 * Keeping the store small; see capture.h.
 */
#include "base/def.h"
#include "base/str.h"
#include "filetrace/capture/capture.h"

enum {
	TIDY_ROWS = 256, /* in one transaction */
	TIDY_RECORDS = 512, /* after so many the limits are looked at, and at the beginning */
	TIDY_MS = 10, /* between two pieces of work */
	EMERGENCY_ROUNDS = 64, /* as the loop waits for it; then it is tried whether it goes */
};

static bool lives(void *data, const char *boot_id, uint64_t image)
{
	struct capture *c = data;

	return str_equal(boot_id, c->boot_id) && c->source && c->ops->image_lives &&
	       c->ops->image_lives(c->source, image);
}

static struct store_limits limits(struct capture *c)
{
	return (struct store_limits){
		.lives = lives,
		.data = c,
		.content_bytes = c->settings->store_content_bytes,
		.records = c->settings->store_records,
		.age_ns = c->settings->store_age_ns,
		.free_bytes = c->settings->store_free_bytes,
	};
}

static void on_tidy(uv_timer_t *handle)
{
	struct capture *c = handle->data;
	const struct store_limits now = limits(c);
	int r = store_retain(c->store, &now, TIDY_ROWS);

	if (r < 0)
		capture_fail(c, r, "cannot drop what is old");
	else if (r > 0)
		uv_timer_start(&c->tidy, on_tidy, TIDY_MS, 0);
}

void tidy_arm(struct capture *c)
{
	uint64_t records = 0;

	for (size_t i = 0; i < ARRAY_SIZE(c->attributed); i++)
		records += c->attributed[i];
	if (records < c->tidy_at || uv_is_active((uv_handle_t *)&c->tidy))
		return;
	c->tidy_at = records + TIDY_RECORDS;
	uv_timer_start(&c->tidy, on_tidy, 0, 0);
}

void tidy_emergency(struct capture *c)
{
	struct store_limits now = limits(c);
	struct store *store;
	int r = 1;

	if (store_open(c->store_fd, &store) < 0)
		return;
	for (int i = 0; i < EMERGENCY_ROUNDS && r > 0; i++)
		r = store_retain(store, &now, TIDY_ROWS);
	store_close(store);
}
