/*
 * The time of a read over varlink: pwrapis-bench-varlink ROOT ITEM COUNT, from the daemon that runs
 * below ROOT.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "rpc/bench.h"
#include "rpc/client.h"
#include "rpc/json.h"

#define SERVICE "io.leonhard.Power"

struct bench {
	struct rpc_link *link;
	json_t *parameters;
};

static int on_reply(void *data, const struct rpc_answer *answer)
{
	const json_t *readings = json_object_get(answer->parameters, "readings");
	const json_t *first = json_array_get(readings, 0);

	return answer->error || json_object_get(first, "problem") || !first ? -EIO : 0;
}

static int ask(void *data)
{
	struct bench *b = data;

	return rpc_link_call(b->link, SERVICE ".Read", b->parameters, false, 0, on_reply, NULL);
}

int main(int argc, char **argv)
{
	_cleanup_json_ json_t *parameters = NULL;
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	uint64_t count;
	int r;

	if (argc != 4 || parse_u64(argv[3], 1, 10000000, &count) < 0) {
		fprintf(stderr, "usage: pwrapis-bench-varlink ROOT ITEM COUNT\n");
		return 2;
	}
	parameters = json_pack("{s:[s]}", "items", argv[2]);
	r = rpc_link_open(argv[1], SERVICE, &link);
	if (r == 0)
		r = bench_calls(count, ask, &(struct bench){link, parameters});
	if (r < 0)
		fprintf(stderr, "pwrapis-bench-varlink: %s\n", strerror(-r));
	return r < 0;
}
