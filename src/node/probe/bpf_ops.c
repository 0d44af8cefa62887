/*
 * Programs that stand in for a table of the kernel's functions (struct_ops): a TCP congestion
 * control, which is registered and selected, and a scheduler, which is only loaded.
 *
 * The table is a value of a map, laid out as the kernel's BTF says: a header, then the kernel's own
 * structure, in which descriptors of programs stand for pointers to functions. With BPF_F_LINK, the
 * kernel checks the table when the value is set, and registers it when a link is made of the map,
 * until that is closed, however this process ends. A kernel without such links (before 6.4)
 * would keep the table registered if this process were killed; there, nothing is registered.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/def.h"
#include "node/probe/bpf.h"
#include "node/probe/trial.h"

/* Of newer headers than those of the build root. */
enum { MAP_WITH_LINK = 1 << 13, ATTACH_STRUCT_OPS = 44 };

static const char table_name[] = "leonhard_probe";

struct ops {
	const char *type; /* the kernel's structure */
	const char *const *members; /* those that get a program; NULL-terminated */
	int32_t result; /* of all of them */
};

/* Where things stand in the map's value. */
struct layout {
	const struct btf *btf;
	const struct btf_type *type;
	int type_id, value_id;
	uint32_t value_bytes, data_offset;
};

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}

/* The number of the member @name and its offset in bytes. */
static int find_member(const struct btf *btf, const struct btf_type *type, const char *name,
		       uint32_t *ret_offset)
{
	const struct btf_member *m = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), name)) {
			*ret_offset = btf_member_bit_offset(type, i) / 8;
			return i;
		}
	return -ENOENT;
}

static int find_layout(const struct btf *btf, const char *type, struct layout *ret_layout)
{
	struct layout l = {.btf = btf};
	const struct btf_type *value;
	char name[64];
	int r;

	snprintf(name, sizeof(name), "bpf_struct_ops_%s", type);
	l.type_id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	l.value_id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);
	if (l.type_id < 0 || l.value_id < 0)
		return -ENOENT;
	l.type = btf__type_by_id(btf, l.type_id);
	value = btf__type_by_id(btf, l.value_id);
	l.value_bytes = value->size;
	r = find_member(btf, value, "data", &l.data_offset);
	if (r < 0)
		return r;
	if (l.data_offset > l.value_bytes || l.type->size > l.value_bytes - l.data_offset)
		return -EPROTO;
	*ret_layout = l;
	return 0;
}

/* Loads a program for the member @name and puts it into the table at @data. */
static int load_member(const struct layout *l, const char *name, int32_t result, char *data,
		       char *log, unsigned size)
{
	const struct bpf_insn insns[] = {INSN_MOVE(BPF_REG_0, result), INSN_EXIT};
	uint32_t offset;
	int member = find_member(l->btf, l->type, name, &offset);
	unsigned long value;
	int prog;

	if (member < 0)
		return member;
	if (offset > l->type->size - sizeof(value))
		return -EPROTO;
	prog = bpf_load(BPF_PROG_TYPE_STRUCT_OPS, member, l->type_id, insns, ARRAY_SIZE(insns), log,
			size);
	if (prog < 0)
		return prog;
	value = prog;
	memcpy(data + offset, &value, sizeof(value));
	return 0;
}

static int fill_table(const struct layout *l, const struct ops *ops, char *data, char *log,
		      unsigned size)
{
	uint32_t offset;
	int r = find_member(l->btf, l->type, "name", &offset);

	if (r < 0)
		return r;
	if (offset > l->type->size - sizeof(table_name))
		return -EPROTO;
	memcpy(data + offset, table_name, sizeof(table_name));
	for (const char *const *m = ops->members; *m; m++) {
		r = load_member(l, *m, ops->result, data, log, size);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The kernel wants a map of this kind to have types of its own; which ones is all the same to it.
 */
static int load_types(struct btf **ret_types)
{
	struct btf *types = btf__new_empty();
	int r;

	if (!types)
		return -errno;
	r = btf__add_int(types, "int", sizeof(int), BTF_INT_SIGNED);
	if (r >= 0)
		r = btf__load_into_kernel(types);
	if (r < 0)
		btf__free(types);
	else
		*ret_types = types;
	return r < 0 ? r : 0;
}

static int make_map(const struct layout *l)
{
	_cleanup_(free_btf) struct btf *types = NULL;
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = MAP_WITH_LINK,
		    .btf_vmlinux_value_type_id = l->value_id);
	int r = load_types(&types);

	if (r < 0)
		return r;
	opts.btf_fd = btf__fd(types);
	return bpf_map_create(BPF_MAP_TYPE_STRUCT_OPS, table_name, sizeof(uint32_t), l->value_bytes,
			      1, &opts);
}

/* The map with its table, checked by the kernel and not registered. */
static int load_table(const struct ops *ops, char *log, unsigned size)
{
	_cleanup_(free_btf) struct btf *btf = btf__load_vmlinux_btf();
	_cleanup_free_ char *value = NULL;
	_cleanup_close_ int map = -1;
	struct layout l = {};
	uint32_t key = 0;
	int r = btf ? find_layout(btf, ops->type, &l) : -errno;

	if (r < 0)
		return r;
	map = make_map(&l);
	value = calloc(1, l.value_bytes);
	if (map < 0 || !value)
		return map < 0 ? map : -ENOMEM;
	r = fill_table(&l, ops, value + l.data_offset, log, size);
	if (r == 0)
		r = bpf_map_update_elem(map, &key, value, 0);
	return r < 0 ? r : take_fd(&map);
}

/* Whether a socket can be given our congestion control. */
static int select_control(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, table_name, strlen(table_name)) < 0)
		return -errno;
	return 0;
}

void bpf_trial_struct_ops(struct finding *f, const void *data)
{
	static const char *const members[] = {"ssthresh", "cong_avoid", "undo_cwnd", NULL};
	static const struct ops ops = {
		.type = "tcp_congestion_ops", .members = members, .result = 2};
	char log[FINDING_EVIDENCE_MAX / 2] = "";
	int map = load_table(&ops, log, sizeof(log)), link, r;

	finding_detail(f, "programs in place of a table of kernel functions (struct_ops)");
	if (map < 0) {
		trial_failed(f, map, "loading a TCP congestion control%s%s", *log ? ": " : "", log);
		return;
	}
	link = bpf_link_create(map, 0, (enum bpf_attach_type)ATTACH_STRUCT_OPS, NULL);
	if (link < 0) {
		trial_failed(f, link, "loaded a TCP congestion control; registering it");
		return;
	}
	r = select_control();
	if (r < 0)
		trial_failed(f, r, "registered a TCP congestion control; selecting it");
	else
		finding_set(f, POWER_YES,
			    "registered a TCP congestion control, which a socket could select");
}

void bpf_trial_sched_ext(struct finding *f, const void *data)
{
	static const char *const members[] = {"dispatch", NULL};
	static const struct ops ops = {.type = "sched_ext_ops", .members = members};
	char log[FINDING_EVIDENCE_MAX / 2] = "";
	int map = load_table(&ops, log, sizeof(log));

	finding_detail(f, "programs that schedule (sched_ext)");
	if (map == -ENOENT)
		finding_set(f, POWER_NO, "the kernel's BTF does not tell of sched_ext_ops");
	else if (map < 0)
		trial_failed(f, map, "loading a scheduler%s%s", *log ? ": " : "", log);
	else
		finding_set(f, POWER_YES,
			    "loaded a scheduler and its table, which the kernel has checked; it "
			    "was not attached, since all processes would come under it");
}
