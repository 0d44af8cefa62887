/*
 * Loading the programs of the source "lsm"; see lsm_load.h.
 */
#include "filetrace/lsm_load.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/str.h"
#include "filetrace/bpfload.h"

static const char no_bpf[] = "the kernel's security modules (lsm=) do not include bpf",
		  no_types[] = "the kernel has no type information (BTF)",
		  no_target[] = "the kernel lacks a function or hook that must be seen",
		  no_load[] = "the kernel refuses the programs",
		  no_attach[] = "the kernel does not attach the programs";

/* What may be missing: nothing is lost then, or something else is there instead. */
static const char *const optional[] = {
	"bpf_lsm_file_release", "bpf_lsm_file_free_security", "vfs_set_acl", "vfs_remove_acl",
	"vfs_fileattr_set",	"vfs_clone_file_range",	      NULL,
};

static bool lsm_active(int root_fd)
{
	_cleanup_free_ char *list = NULL;
	char *name, *rest;

	if (fs_read_line(root_fd, "/sys/kernel/security/lsm", &list) < 0)
		return false;
	rest = list;
	while ((name = strsep(&rest, ",")))
		if (str_equal(name, "bpf"))
			return true;
	return false;
}

/* The function that a program is attached to; NULL for other kinds of programs. */
static char *target_of(const struct bpf_program *program)
{
	const char *section = bpf_program__section_name(program), *slash = strchr(section, '/');
	bool lsm = str_starts(section, "lsm/");
	char *name = NULL;

	if (!lsm && !str_starts(section, "fentry/") && !str_starts(section, "fexit/"))
		return NULL;
	return asprintf(&name, "%s%s", lsm ? "bpf_lsm_" : "", slash + 1) < 0 ? NULL : name;
}

static bool is_optional(const char *target)
{
	for (size_t i = 0; optional[i]; i++)
		if (str_equal(optional[i], target))
			return true;
	return false;
}

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

/* Leaves out programs whose function this kernel lacks. */
static int select_programs(struct lsm_bpf *skel, const struct btf *btf)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, skel->obj)
	{
		_cleanup_free_ char *target = target_of(program);

		if (!target || has_function(btf, target))
			continue;
		if (!is_optional(target))
			return -EOPNOTSUPP;
		bpf_program__set_autoload(program, false);
	}
	/* Either of them tells when a file is done. */
	if (has_function(btf, "bpf_lsm_file_release"))
		bpf_program__set_autoload(skel->progs.file_free, false);
	bpf_program__set_autoattach(skel->progs.processes, false);
	return 0;
}

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}

void lsm_unload_p(struct lsm_bpf **skel)
{
	lsm_bpf__destroy(*skel);
}

const void *lsm_object(size_t *ret_len)
{
	return lsm_bpf__elf_bytes(ret_len);
}

int lsm_load(const struct source_config *config, struct lsm_bpf **ret_skel, const char **ret_reason)
{
	_cleanup_(lsm_unload_p) struct lsm_bpf *skel = NULL;
	_cleanup_(free_btf) struct btf *btf = NULL;

	bpfload_begin();
	skel = lsm_bpf__open();
	if (!skel)
		return -errno;
	*ret_reason = no_bpf;
	if (!lsm_active(config->root_fd))
		return -EOPNOTSUPP;
	*ret_reason = no_types;
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return -EOPNOTSUPP;
	*ret_reason = no_target;
	if (select_programs(skel, btf) < 0)
		return -EOPNOTSUPP;
	bpf_map__set_max_entries(skel->maps.ring, config->ring_bytes);
	skel->bss->last_image = bpfload_first_image();
	*ret_reason = no_load;
	if (lsm_bpf__load(skel) < 0)
		return bpfload_refused();
	*ret_reason = no_attach;
	if (lsm_bpf__attach(skel) < 0)
		return bpfload_refused();
	if (bpfload_processes(skel->progs.processes, &skel->bss->late_links) < 0)
		return -EOPNOTSUPP;
	*ret_skel = take_ptr(skel);
	return 0;
}
