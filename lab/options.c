/*
 * The command line of lab-run; see options.h. One table holds every option.
 */
#include "lab/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/parse.h"
#include "lab/names.h"

#define MIB (UINT64_C(1) << 20)
#define MEM_MIN (64 * MIB)
#define MEM_MAX (UINT64_C(1) << 40)
#define CPUS_MAX 255
#define NUMA_MAX 16
#define TIMEOUT_MAX (7 * 24 * 3600)

/* The value of a flag is NULL. */
typedef int (*set_fn)(struct options *o, void *field, const char *value);

static int set_flag(struct options *o, void *field, const char *value)
{
	*(bool *)field = true;
	return 0;
}

static int set_text(struct options *o, void *field, const char *value)
{
	*(const char **)field = value;
	return *value ? 0 : -EINVAL;
}

/* A profile is the name of a directory, a lab's name that of a socket: the same rule. */
static int set_name(struct options *o, void *field, const char *value)
{
	*(const char **)field = value;
	return names_valid(value) ? 0 : -EINVAL;
}

static int set_cpus(struct options *o, void *field, const char *value)
{
	return parse_u64(value, 1, CPUS_MAX, field);
}

static int set_mem(struct options *o, void *field, const char *value)
{
	return parse_bytes(value, MEM_MIN, MEM_MAX, field);
}

static int set_numa(struct options *o, void *field, const char *value)
{
	return parse_u64(value, 1, NUMA_MAX, field);
}

static int set_timeout(struct options *o, void *field, const char *value)
{
	return parse_u64(value, 1, TIMEOUT_MAX, field);
}

static int set_accel(struct options *o, void *field, const char *value)
{
	static const char *const words[] = {
		[ACCEL_AUTO] = "auto", [ACCEL_TCG] = "tcg", [ACCEL_KVM] = "kvm"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(value, words[i]) == 0) {
			*(enum accel *)field = i;
			return 0;
		}
	return -EINVAL;
}

static int add_acpi(struct options *o, void *field, const char *value)
{
	if (o->acpi_count == OPTIONS_LIST_MAX)
		return -E2BIG;
	/* QEMU splits the value at colons, and knows no way to quote one. */
	if (!*value || strchr(value, ':'))
		return -EINVAL;
	o->acpi[o->acpi_count++] = value;
	return 0;
}

static int drive_option(struct option_drive *d, const char *word)
{
	if (strcmp(word, "format=raw") == 0)
		d->format = "raw";
	else if (strcmp(word, "format=qcow2") == 0)
		d->format = "qcow2";
	else if (strcmp(word, "readonly") == 0)
		d->readonly = true;
	else if (strcmp(word, "write") == 0)
		d->write = true;
	else
		return -EINVAL;
	return 0;
}

/* FILE[,option]...: words that are no options belong to the file's name. */
static int add_drive(struct options *o, void *field, const char *value)
{
	struct option_drive *d = &o->drives[o->drive_count];
	char *comma;

	if (o->drive_count == OPTIONS_LIST_MAX)
		return -E2BIG;
	d->file = strdup(value);
	if (!d->file)
		return -ENOMEM;
	o->drive_count++;
	d->format = "raw";
	while ((comma = strrchr(d->file, ',')) && drive_option(d, comma + 1) == 0)
		*comma = '\0';
	return *d->file && !(d->readonly && d->write) ? 0 : -EINVAL;
}

/* SOURCE:DEST. A name with a colon in it is not lost: the guest's side begins after the last :/ */
static int split_copy(struct option_copy *c, const char *value, bool guest_first)
{
	const char *colon = guest_first ? strchr(value, ':') : NULL;

	for (const char *p = value; !guest_first && (p = strstr(p, ":/")); p++)
		colon = p;
	if (!colon || colon == value || !colon[1])
		return -EINVAL;
	c->source = strndup(value, colon - value);
	c->dest = strdup(colon + 1);
	if (!c->source || !c->dest)
		return -ENOMEM;
	return (guest_first ? c->source : c->dest)[0] == '/' ? 0 : -EINVAL;
}

static int add_in(struct options *o, void *field, const char *value)
{
	if (o->in_count == OPTIONS_LIST_MAX)
		return -E2BIG;
	return split_copy(&o->in[o->in_count++], value, false);
}

static int add_out(struct options *o, void *field, const char *value)
{
	if (o->out_count == OPTIONS_LIST_MAX)
		return -E2BIG;
	return split_copy(&o->out[o->out_count++], value, true);
}

static int add_forward(struct options *o, void *field, const char *value)
{
	_cleanup_free_ char *copy = strdup(value);
	char *colon = copy ? strchr(copy, ':') : NULL;
	uint64_t host, guest;
	int r;

	if (o->forward_count == OPTIONS_LIST_MAX)
		return -E2BIG;
	if (!copy)
		return -ENOMEM;
	if (!colon)
		return -EINVAL;
	*colon = '\0';
	r = parse_u64(copy, 1, 65535, &host);
	if (r == 0)
		r = parse_u64(colon + 1, 1, 65535, &guest);
	if (r < 0)
		return r;
	o->forwards[o->forward_count++] = (struct option_forward){host, guest};
	return 0;
}

#define FIELD(name) offsetof(struct options, name)

static const struct option_row {
	const char *name, *argument;
	set_fn set;
	size_t field;
	const char *help;
} table[] = {
	{"profile", "P", set_name, FIELD(profile), "image profile to boot (server)"},
	{"kernel-only", NULL, set_flag, FIELD(kernel_only), "a kernel and busybox, no image"},
	{"first-boot", NULL, set_flag, FIELD(first_boot), "an image that was never booted"},
	{"cpus", "N", set_cpus, FIELD(cpus), "processors (2; 1 for --kernel-only)"},
	{"mem", "M", set_mem, FIELD(mem_bytes), "memory, as 512M or 2G (1G; 512M)"},
	{"numa", "N", set_numa, FIELD(numa_nodes), "split processors and memory in N nodes"},
	{"acpi", "FILE", add_acpi, 0, "add an ACPI table"},
	{"rig", NULL, set_flag, FIELD(rig), "frequencies, idle states, a power meter, a BMC"},
	{"bmc", NULL, set_flag, FIELD(bmc), "with --rig: its BMC tells power, and takes a limit"},
	{"drive", "FILE[,OPT]", add_drive, 0, "add a disk: format=qcow2, readonly, write"},
	{"icount", NULL, set_flag, FIELD(icount), "time by counted instructions"},
	{"in", "SRC:DEST", add_in, 0, "copy into the guest before the command"},
	{"out", "SRC:DEST", add_out, 0, "copy out of the guest after it"},
	{"forward", "HOST:GUEST", add_forward, 0, "forward a port of 127.0.0.1"},
	{"net", NULL, set_flag, FIELD(net), "let the guest reach the network"},
	{"append", "ARGS", set_text, FIELD(append), "more kernel arguments"},
	{"console", "FILE", set_text, FIELD(console), "keep the serial console's output"},
	{"timeout", "SECONDS", set_timeout, FIELD(timeout_s), "give up, with status 124"},
	{"boot-timeout", "SECONDS", set_timeout, FIELD(boot_timeout_s),
	 "start again a guest that is not up by then (180)"},
	{"accel", "A", set_accel, FIELD(accel), "auto, tcg or kvm"},
	{"name", "NAME", set_name, FIELD(name), "the lab's name for lab-copy"},
	{"artifacts", "DIR", set_text, FIELD(artifacts), "kernel and images ($LEONHARD_ARTIFACTS)"},
	{"prepare", NULL, set_flag, FIELD(prepare), "boot once and keep the disk as --output"},
	{"output", "FILE", set_text, FIELD(output), "where --prepare puts the disk"},
	{"probe-kvm", NULL, set_flag, FIELD(probe_kvm), "status 0 when guests run under KVM"},
	{"help", NULL, set_flag, FIELD(help), "this text"},
};

static const struct option_row *find_row(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

static __attribute__((format(printf, 2, 3))) int refuse(char **ret_problem, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (vasprintf(ret_problem, format, ap) < 0)
		*ret_problem = NULL;
	va_end(ap);
	return -EINVAL;
}

/* One option, at argv[*at]; moves *at behind it and its value. */
static int parse_one(struct options *o, char **argv, int *at, char **ret_problem)
{
	const char *name = argv[*at] + 2, *equals = strchrnul(name, '=');
	const struct option_row *row = find_row(name, equals - name);
	const char *value = *equals ? equals + 1 : NULL;
	int r;

	if (!row)
		return refuse(ret_problem, "%s is not an option", argv[*at]);
	if (!row->argument && value)
		return refuse(ret_problem, "--%s takes no value", row->name);
	if (row->argument && !value)
		value = argv[++*at];
	if (row->argument && !value)
		return refuse(ret_problem, "--%s needs %s", row->name, row->argument);
	++*at;
	r = row->set(o, (char *)o + row->field, value);
	if (r < 0)
		return refuse(ret_problem, "--%s %s: %s", row->name, value,
			      r == -EINVAL ? "not understood" : strerror(-r));
	return 0;
}

static int check_numa(const struct options *o, char **ret_problem)
{
	if (o->numa_nodes == 0)
		return 0;
	if (o->cpus < o->numa_nodes)
		return refuse(ret_problem, "--numa needs as many --cpus, or more");
	if (o->mem_bytes % (o->numa_nodes * MIB))
		return refuse(ret_problem, "--mem does not divide into --numa nodes of whole MiB");
	return 0;
}

static int check(const struct options *o, char **ret_problem)
{
	bool runs = !o->prepare && !o->probe_kvm;

	if (o->help)
		return 0;
	if (runs && !*o->command)
		return refuse(ret_problem, "no command");
	if (!runs && *o->command)
		return refuse(ret_problem, "--prepare and --probe-kvm take no command");
	if (o->prepare && (!o->output || o->kernel_only || o->first_boot))
		return refuse(ret_problem, "--prepare needs --output, and boots a whole image");
	if (o->kernel_only && o->first_boot)
		return refuse(ret_problem, "--kernel-only has no first boot");
	if (o->icount && (o->cpus > 1 || o->accel == ACCEL_KVM))
		return refuse(ret_problem, "--icount is for one processor, and without KVM");
	if (o->rig && o->cpus < 2)
		return refuse(ret_problem, "--rig needs two --cpus, or more");
	if (o->bmc && !o->rig)
		return refuse(ret_problem, "--bmc is for --rig");
	return check_numa(o, ret_problem);
}

/* Processors, where nothing is said: what else is asked for needs so many. */
static uint64_t default_cpus(const struct options *o)
{
	if (o->numa_nodes)
		return o->numa_nodes;
	return o->rig ? 2 : o->kernel_only || o->icount ? 1 : 2;
}

static void set_defaults(struct options *o)
{
	if (!o->profile)
		o->profile = "server";
	if (!o->artifacts)
		o->artifacts = getenv("LEONHARD_ARTIFACTS");
	if (!o->artifacts)
		o->artifacts = "build";
	if (o->cpus == 0)
		o->cpus = default_cpus(o);
	if (o->mem_bytes == 0)
		o->mem_bytes = (o->kernel_only ? 512 : 1024) * MIB;
	if (o->icount)
		o->accel = ACCEL_TCG;
}

int options_parse(struct options *o, int argc, char **argv, char **ret_problem)
{
	int at = 1, r = 0;

	*o = (struct options){};
	while (r == 0 && at < argc && strncmp(argv[at], "--", 2) == 0 && argv[at][2])
		r = parse_one(o, argv, &at, ret_problem);
	if (r < 0)
		return r;
	if (at < argc && strcmp(argv[at], "--") == 0)
		at++;
	else if (at < argc && argv[at][0] == '-')
		return refuse(ret_problem, "%s is not an option", argv[at]);
	o->command = argv + at;
	if (o->icount && o->accel == ACCEL_KVM)
		return refuse(ret_problem, "--icount is without KVM");
	set_defaults(o);
	return check(o, ret_problem);
}

void options_deinit(struct options *o)
{
	for (size_t i = 0; i < OPTIONS_LIST_MAX; i++) {
		free(o->drives[i].file);
		free(o->in[i].source);
		free(o->in[i].dest);
		free(o->out[i].source);
		free(o->out[i].dest);
	}
	*o = (struct options){};
}

void options_usage(void)
{
	puts("Usage: lab-run [OPTION]... -- COMMAND [ARGUMENT]...\n"
	     "Runs a command as root in a fresh QEMU guest.\n");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		char left[40];

		snprintf(left, sizeof(left), "%s %s", table[i].name,
			 table[i].argument ? table[i].argument : "");
		printf("  --%-22s %s\n", left, table[i].help);
	}
	puts("\nStatus: the command's; 128 + a signal; 124 --timeout; 125 the guest was killed;\n"
	     "126 the command could not start; 127 there is no such command; 2 wrong usage.\n\n"
	     "  lab-run --kernel-only -- uname -a\n"
	     "  lab-run --profile server --in ./t:/tmp/t --cpus 4 -- /tmp/t --verbose");
}

bool options_keep_writes(const struct options *o)
{
	for (size_t i = 0; i < o->drive_count; i++)
		if (o->drives[i].write)
			return true;
	return false;
}
