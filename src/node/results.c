/*
 * Watching for new results of the probe; see node.h. The file is renamed into place, so the folder
 * is watched, not the file.
 */
#include <string.h>

#include "base/def.h"
#include "base/log.h"
#include "node/node.h"
#include "node/places.h"

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct node *n = handle->data;

	if (status < 0 || !name || strcmp(name, NODE_RESULT_NAME) != 0)
		return;
	node_ask_result(n);
	node_watch_changed(n);
}

void node_results_init(struct node *n)
{
	uv_fs_event_init(&n->daemon->loop, &n->results);
	n->results.data = n;
}

void node_results_watch(struct node *n)
{
	const char *root = n->daemon->root ? n->daemon->root : "";
	_cleanup_free_ char *path = NULL;
	int r;

	uv_fs_event_stop(&n->results);
	if (asprintf(&path, "%s%s", root, NODE_RESULT_DIR) < 0)
		r = UV_ENOMEM;
	else
		r = uv_fs_event_start(&n->results, on_event, path, 0);
	if (r < 0)
		log_debug("cannot watch %s: %s", NODE_RESULT_DIR, uv_strerror(r));
}

void node_results_close(struct node *n)
{
	uv_close((uv_handle_t *)&n->results, NULL);
}
