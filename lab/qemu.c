/*
 * The argument vector of QEMU; see qemu.h.
 *
 * Each part of the machine is a function in one table. The guest sees nothing of the host but the
 * disks, the port, the console and, when asked for, forwarded ports and the network.
 */
#include "lab/qemu.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "lab/proto.h"

#define KERNEL_ARGUMENTS "console=ttyS0 quiet panic=-1"
/* The driver of the meter offers its cap on machines of one vendor only, unless it is told to. */
#define RIG_ARGUMENTS " acpi_power_meter.force_cap_on=1"
#define IMAGE_ARGUMENTS "root=PARTLABEL=leonhard-root rootfstype=ext4 rootwait rw"
/* Nothing is measured against a real clock while booting, which under emulation is slow. */
#define KERNEL_ONLY_ARGUMENTS "rdinit=/init tsc=reliable no_timer_check lpj=4000000"

enum { ARGUMENTS_MAX = 256 };

struct builder {
	const struct qemu_setup *setup;
	const struct options *o;
	char **argv;
	size_t count;
	int error;
};

/* Adds an argument. The first failure stays, and makes the rest do nothing. */
static __attribute__((format(printf, 2, 3))) void add(struct builder *b, const char *format, ...)
{
	va_list ap;
	int n;

	if (b->error)
		return;
	if (b->count == ARGUMENTS_MAX) {
		b->error = -E2BIG;
		return;
	}
	va_start(ap, format);
	n = vasprintf(&b->argv[b->count], format, ap);
	va_end(ap);
	if (n < 0) {
		b->argv[b->count] = NULL;
		b->error = -ENOMEM;
		return;
	}
	b->count++;
}

static void add_words(struct builder *b, const char *const *words)
{
	for (; *words; words++)
		add(b, "%s", *words);
}

/* In the values of QEMU's options a comma is written twice. */
static char *quote(struct builder *b, const char *text)
{
	char *quoted = malloc(2 * strlen(text) + 1), *out = quoted;

	if (!quoted) {
		b->error = -ENOMEM;
		return NULL;
	}
	for (; *text; text++) {
		if (*text == ',')
			*out++ = ',';
		*out++ = *text;
	}
	*out = '\0';
	return quoted;
}

static void add_machine(struct builder *b)
{
	static const char *const words[] = {
		"qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot", "-display",
		"none", "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny",
		/* A guest that panics ends, also when its kernel was told to stay. */
		"-action", "panic=exit-failure", NULL};

	add_words(b, words);
	add(b, "-M");
	add(b, "q35,vmport=off,smbus=off,usb=off,graphics=off,sata=off");
	add(b, "-cpu");
	add(b, b->setup->kvm ? "host" : "max");
	add(b, "-smp");
	add(b, "%" PRIu64, b->o->cpus);
	add(b, "-m");
	add(b, "%" PRIu64 "M", b->o->mem_bytes >> 20);
}

static void add_accelerator(struct builder *b)
{
	add(b, "-accel");
	if (b->setup->kvm) {
		add(b, "kvm");
		return;
	}
	/* Counting instructions needs one processor after the other. */
	add(b, "tcg,thread=%s", b->o->icount ? "single" : "multi");
	if (b->o->icount) {
		add(b, "-icount");
		add(b, "shift=1,sleep=off");
	}
}

/* The processors and the memory in equal parts; what does not divide goes to the last node. */
static void add_nodes(struct builder *b)
{
	uint64_t nodes = b->o->numa_nodes, share = nodes ? b->o->cpus / nodes : 0;

	for (uint64_t i = 0; i < nodes; i++) {
		uint64_t first = i * share;
		uint64_t last = i + 1 == nodes ? b->o->cpus - 1 : first + share - 1;

		add(b, "-object");
		add(b, "memory-backend-ram,id=node%" PRIu64 ",size=%" PRIu64 "M", i,
		    (b->o->mem_bytes >> 20) / nodes);
		add(b, "-numa");
		add(b, "node,nodeid=%" PRIu64 ",cpus=%" PRIu64 "-%" PRIu64 ",memdev=node%" PRIu64,
		    i, first, last, i);
	}
}

static void add_kernel(struct builder *b)
{
	add(b, "-kernel");
	add(b, "%s", b->setup->kernel);
	if (b->setup->initramfs) {
		/* A firmware that only starts kernels: half a second less. */
		add(b, "-bios");
		add(b, "qboot.rom");
		add(b, "-initrd");
		add(b, "%s", b->setup->initramfs);
	}
	add(b, "-append");
	add(b, KERNEL_ARGUMENTS " %s%s%s%s",
	    b->setup->initramfs ? KERNEL_ONLY_ARGUMENTS : IMAGE_ARGUMENTS,
	    b->setup->rig ? RIG_ARGUMENTS : "", b->o->append ? " " : "",
	    b->o->append ? b->o->append : "");
}

/* With this credential the image's generator starts the agent; without it nothing listens. */
static void add_credential(struct builder *b)
{
	if (b->setup->initramfs)
		return;
	add(b, "-smbios");
	add(b, "type=11,value=io.systemd.credential:" LAB_CREDENTIAL "=" LAB_PORT_NAME);
}

static void add_channels(struct builder *b)
{
	static const char *const words[] = {
		"-serial", "chardev:console", "-device", "virtio-rng-pci",
		"-device", "pvpanic-pci",     "-device", "virtio-serial-pci,max_ports=2",
		NULL};

	add(b, "-chardev");
	add(b, "socket,id=console,fd=%d", b->setup->console_fd);
	add(b, "-chardev");
	add(b, "socket,id=port,fd=%d", b->setup->port_fd);
	add_words(b, words);
	add(b, "-device");
	add(b, "virtserialport,chardev=port,name=" LAB_PORT_NAME);
}

static void add_drive(struct builder *b, const struct option_drive *d, size_t number)
{
	_cleanup_free_ char *file = quote(b, d->file);

	add(b, "-drive");
	/* The disk dies with the guest, or is complete only when the guest ended well. */
	add(b,
	    "if=none,id=disk%zu,format=%s,cache=unsafe,discard=unmap,snapshot=%s,readonly=%s,"
	    "file=%s",
	    number, d->format, d->write || d->readonly ? "off" : "on", d->readonly ? "on" : "off",
	    file);
	add(b, "-device");
	add(b, "virtio-blk-pci,drive=disk%zu", number);
}

static void add_drives(struct builder *b)
{
	size_t number = 0;

	if (b->setup->image.file)
		add_drive(b, &b->setup->image, number++);
	for (size_t i = 0; i < b->o->drive_count; i++)
		add_drive(b, &b->o->drives[i], number++);
}

static void add_table(struct builder *b, const char *path)
{
	_cleanup_free_ char *file = quote(b, path);

	add(b, "-acpitable");
	add(b, "file=%s", file);
}

static void add_acpi(struct builder *b)
{
	for (size_t i = 0; i < b->o->acpi_count; i++)
		add_table(b, b->o->acpi[i]);
}

/* The table describes hardware that is made of nothing but a device whose ports and memory hold
 * what is written to them. The rest are devices that drivers know. */
static void add_rig(struct builder *b)
{
	static const char *const words[] = {
		"-device", "isa-ipmi-kcs,bmc=bmc", "-device", "pc-testdev",
		/* A link with speeds to choose from, and a disk that can be told to stop. */
		"-netdev", "user,id=rignet,restrict=on", "-device",
		"e1000e,netdev=rignet,romfile=", "-blockdev",
		"driver=null-co,node-name=rigdisk,size=67108864,read-zeroes=on", "-device",
		"ich9-ahci,id=rigahci", "-device", "ide-hd,drive=rigdisk,bus=rigahci.0", NULL};

	if (!b->setup->rig)
		return;
	add_table(b, b->setup->rig);
	if (b->o->bmc) {
		add(b, "-chardev");
		add(b, "socket,id=bmcport,server=on,wait=off,fd=%d", b->setup->bmc_fd);
	}
	add(b, "-device");
	add(b, b->o->bmc ? "ipmi-bmc-extern,id=bmc,chardev=bmcport" : "ipmi-bmc-sim,id=bmc");
	add_words(b, words);
}

static void add_network(struct builder *b)
{
	char forwards[OPTIONS_LIST_MAX * 64] = "";
	size_t at = 0;

	if (b->setup->initramfs && !b->o->net && !b->o->forward_count)
		return;
	for (size_t i = 0; i < b->o->forward_count; i++)
		at += snprintf(forwards + at, sizeof(forwards) - at,
			       ",hostfwd=tcp:127.0.0.1:%u-:%u", b->o->forwards[i].host_port,
			       b->o->forwards[i].guest_port);
	add(b, "-netdev");
	add(b, "user,id=net0,restrict=%s%s", b->o->net ? "off" : "on", forwards);
	add(b, "-device");
	add(b, "virtio-net-pci,netdev=net0,romfile=");
}

static void (*const parts[])(struct builder *b) = {
	add_machine,  add_accelerator, add_nodes, add_kernel, add_credential,
	add_channels, add_drives,      add_acpi,  add_rig,    add_network,
};

int qemu_arguments(const struct qemu_setup *setup, char ***ret_argv)
{
	struct builder b = {
		.setup = setup,
		.o = setup->options,
		.argv = calloc(ARGUMENTS_MAX + 1, sizeof(char *)),
	};

	if (!b.argv)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i](&b);
	if (b.error) {
		qemu_arguments_free(b.argv);
		return b.error;
	}
	*ret_argv = b.argv;
	return 0;
}

void qemu_arguments_free(char **argv)
{
	for (char **a = argv; a && *a; a++)
		free(*a);
	free(argv);
}
