/*
 * A machine on a few lines; see overview.h.
 */
#include "leo/overview.h"

#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "leo/out.h"
#include "leo/records.h"
#include "leo/text.h"

enum { LABEL_WIDTH = 14 };

void overview_label(struct leo *l, const char *name)
{
	fprintf(l->out, "  %s%-*s%s", out_dim(l), LABEL_WIDTH, name, out_plain(l));
}

static void print_line(struct leo *l, const char *name, const char *text)
{
	overview_label(l, name);
	fprintf(l->out, "%s\n", text);
}

static void print_system(struct leo *l, const json_t *node)
{
	const char *inside = records_text(node, "virtualization");
	bool alone = str_equal(inside, "none") || str_equal(inside, "-");

	fprintf(l->out, "%s%s%s\n", out_bold(l), records_text(node, "hostname"), out_plain(l));
	overview_label(l, "system");
	fprintf(l->out, "%s%s%s\n", records_text(node, "operating_system"), alone ? "" : ", in ",
		alone ? "" : inside);
	if (!l->verbose)
		return;
	print_line(l, "", records_text(node, "virtualization_evidence"));
	print_line(l, "machine id", records_text(node, "machine_id"));
}

static void print_kernel(struct leo *l, const json_t *kernel)
{
	overview_label(l, "kernel");
	fprintf(l->out, "%s, %s%s\n", records_text(kernel, "release"),
		records_text(kernel, "machine"),
		json_is_true(json_object_get(kernel, "leonhard")) ? ", of Leonhard" : "");
	if (!l->verbose)
		return;
	print_line(l, "", records_text(kernel, "version"));
	print_line(l, "command line", records_text(kernel, "command_line"));
}

static void print_hardware(struct leo *l, const json_t *hardware)
{
	const char *vendor = records_text(hardware, "vendor");
	const char *product = records_text(hardware, "product");

	if (str_equal(vendor, "-") && str_equal(product, "-"))
		return;
	overview_label(l, "hardware");
	fprintf(l->out, "%s %s\n", vendor, product);
	if (l->verbose)
		print_line(l, "firmware", records_text(hardware, "firmware"));
}

/* ", 2 cores"; nothing where the kernel does not tell. */
static void print_count(struct leo *l, const json_t *cpu, const char *key, const char *one,
			const char *many)
{
	uint64_t n = records_number(cpu, key);

	if (n)
		fprintf(l->out, ", %llu %s", (unsigned long long)n, n == 1 ? one : many);
}

static void print_cpu(struct leo *l, const json_t *cpu)
{
	overview_label(l, "processors");
	fprintf(l->out, "%llu online of %llu", (unsigned long long)records_number(cpu, "online"),
		(unsigned long long)records_number(cpu, "possible"));
	print_count(l, cpu, "sockets", "socket", "sockets");
	print_count(l, cpu, "cores", "core", "cores");
	print_count(l, cpu, "threads_per_core", "thread per core", "threads per core");
	fputc('\n', l->out);
	print_line(l, "", records_text(cpu, "model"));
}

static void print_memory(struct leo *l, const json_t *node)
{
	const json_t *numa = json_object_get(node, "numa");
	char bytes[TEXT_BYTES_MAX];

	overview_label(l, "memory");
	text_bytes(records_number(node, "memory_bytes"), bytes);
	fprintf(l->out, "%s", bytes);
	if (json_array_size(numa) > 1)
		fprintf(l->out, " in %zu NUMA nodes", json_array_size(numa));
	fputc('\n', l->out);
	for (size_t i = 0; l->verbose && i < json_array_size(numa); i++) {
		const json_t *one = json_array_get(numa, i);

		text_bytes(records_number(one, "memory_bytes"), bytes);
		overview_label(l, "");
		fprintf(l->out, "node %llu: %s, processors %s\n",
			(unsigned long long)records_number(one, "id"), bytes,
			records_text(one, "cpus"));
	}
}

static void print_times(struct leo *l, const json_t *node)
{
	uint64_t up_ns = records_number(node, "uptime_ns");
	uint64_t boot_ns = records_number(node, "boot_time_ns");
	char span[TIME_TEXT_MAX] = "-", since[TIME_TEXT_MAX];

	if (up_ns)
		time_format_span(up_ns, span);
	overview_label(l, "up");
	fputs(span, l->out);
	if (l->verbose && boot_ns) {
		time_format_iso(boot_ns, since);
		fprintf(l->out, ", since %s", since);
	}
	fputc('\n', l->out);
}

void overview_print(struct leo *l, const json_t *node)
{
	print_system(l, node);
	print_kernel(l, json_object_get(node, "kernel"));
	print_hardware(l, json_object_get(node, "hardware"));
	print_cpu(l, json_object_get(node, "cpu"));
	print_memory(l, node);
	print_times(l, node);
}
