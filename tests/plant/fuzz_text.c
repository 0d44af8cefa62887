/*
 * Fuzzing what the plant takes: traces, schedules of faults, and writes to its files.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct plant plant;
static struct tree tree;

static void start(void)
{
	const struct shape shape = {.cpus = 2, .packages = 1, .policy_cpus = 1, .seed = 4};

	if (model_init(&plant.model, &shape) < 0 || tree_new(&plant, &tree) < 0)
		abort();
}

static void try_trace(const char *text)
{
	_cleanup_(load_free_p) struct load *l = NULL;
	unsigned line;

	if (load_parse(text, 2, &l, &line) < 0)
		return;
	load_apply(l, &plant.model, 1, false);
	for (unsigned i = 0; i < 2; i++)
		if (!(plant.model.cpus[i].asked >= 0 && plant.model.cpus[i].asked <= 4))
			abort();
}

static void try_faults(const char *text)
{
	struct faults f = {};

	if (faults_parse(text, plant.model.now_ns, &f) == 0)
		faults_find(&f, "sys/class/hwmon/hwmon0/power1_average", plant.model.now_ns);
}

/* Whatever is written, the model goes on and its numbers stay finite. */
static void try_write(unsigned node, const char *text, size_t len)
{
	struct strbuf out = {};

	node = 1 + node % (tree.count - 1);
	tree_store(&tree, node, text, len);
	if (tree.nodes[node].type == NODE_FILE)
		tree_show(&tree, node, &out);
	strbuf_deinit(&out);
	model_run(&plant.model, 3 * MODEL_STEP_NS);
	if (!(plant.model.board.watts > 0 && plant.model.board.watts < 1e6))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);

	if (!text || size < 2)
		return 0;
	if (!tree.count)
		start();
	memcpy(text, data, size);
	text[size] = '\0';
	if (data[0] == 't')
		try_trace(text + 1);
	else if (data[0] == 'f')
		try_faults(text + 1);
	else
		try_write(data[0] << 8 | data[1], text + 2, size - 2);
	return 0;
}
