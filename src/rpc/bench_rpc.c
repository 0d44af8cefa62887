/*
 * rpc-bench ROOT CALLS EVENTS: times of calls of Echo, and how many events of about 100 bytes a
 * second one reader gets, from the service of the tests that runs below ROOT.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/time.h"
#include "rpc/bench.h"
#include "rpc/client.h"

#define SERVICE "io.leonhard.Test"

struct bench {
	struct rpc_link *link;
	json_t *parameters;
	json_int_t events;
};

static int on_echo(void *data, const struct rpc_answer *answer)
{
	return answer->error ? -EPROTO : 0;
}

static int echo(void *data)
{
	struct bench *b = data;

	return rpc_link_call(b->link, SERVICE ".Echo", b->parameters, false, 0, on_echo, NULL);
}

static int on_event(void *data, const struct rpc_answer *answer)
{
	struct bench *b = data;

	if (answer->error || !json_is_integer(json_object_get(answer->parameters, "number")))
		return -EPROTO;
	b->events++;
	return 0;
}

static int stream(struct bench *b, json_int_t count)
{
	json_auto_t *parameters = json_pack("{sI si}", "count", count, "size", 46);
	uint64_t begin_ns = time_now_ns(CLOCK_MONOTONIC), took_ns;
	int r = rpc_link_call(b->link, SERVICE ".Store", parameters, true, 0, on_event, b);

	if (r < 0)
		return r;
	took_ns = time_now_ns(CLOCK_MONOTONIC) - begin_ns;
	printf("events_per_s %" PRIu64 "\n", (uint64_t)b->events * NS_PER_S / took_ns);
	return 0;
}

int main(int argc, char **argv)
{
	struct bench b = {};
	int r;

	if (argc != 4) {
		fputs("Usage: rpc-bench ROOT CALLS EVENTS\n", stderr);
		return 2;
	}
	b.parameters = json_pack("{ss}", "text", "hello, world");
	r = rpc_link_open(argv[1], SERVICE, &b.link);
	if (r == 0)
		r = bench_calls(strtoul(argv[2], NULL, 10), echo, &b);
	if (r == 0)
		r = stream(&b, strtoul(argv[3], NULL, 10));
	if (r < 0)
		fprintf(stderr, "rpc-bench: %s\n", strerror(-r));
	rpc_link_free(b.link);
	json_decref(b.parameters);
	return r < 0;
}
