/*
 * The table of powers, and the list that is made of it; see powers.h.
 */
#include "node/powers.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "node/read.h"
#include "node/result.h"
#include "rpc/json.h"

const struct power powers[] = {
	{"bpf.btf", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.socket_filter", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.tracepoint", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.raw_tracepoint", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.btf_tracepoint", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.kprobe", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.kprobe_multi", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.uprobe", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.fentry", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.fexit", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.lsm", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.lsm_active", "bpf", FROM_SYS, read_lsm_has, "bpf"},
	{"bpf.iterator", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.ring_buffer", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.struct_ops", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.sched_ext", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.perf_event", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.cgroup_skb", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.cgroup_device", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.cgroup_sysctl", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.cgroup_sock", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.xdp", "bpf", FROM_TRIAL, NULL, NULL},
	{"bpf.unprivileged", "bpf", FROM_PROC, read_bpf_unprivileged, NULL},

	{"cgroup.v2", "cgroup", FROM_PROC, read_cgroup2, NULL},
	{"cgroup.v1", "cgroup", FROM_PROC, read_cgroup1, NULL},
	{"psi", "cgroup", FROM_PROC, read_pressure, NULL},

	{"energy.cpufreq", "energy", FROM_SYS, read_cpufreq, NULL},
	{"energy.cpuidle", "energy", FROM_SYS, read_cpuidle, NULL},
	{"energy.powercap", "energy", FROM_SYS, read_powercap, NULL},
	{"energy.sensors", "energy", FROM_SYS, read_power_sensors, NULL},
	{"energy.acpi_meter", "energy", FROM_SYS, read_acpi_meter, NULL},
	{"energy.thermal", "energy", FROM_SYS, read_thermal, NULL},
	{"energy.ipmi", "energy", FROM_SYS, read_class, "/sys/class/ipmi"},

	{"kvm", "virtualization", FROM_TRIAL, NULL, NULL},
	{"kvm.nested", "virtualization", FROM_SYS, read_kvm_parameter, "nested"},
	{"kvm.tdp_mmu", "virtualization", FROM_SYS, read_tdp_mmu, NULL},
	{"kvm.dirty_ring", "virtualization", FROM_TRIAL, NULL, NULL},
	{"vhost.net", "virtualization", FROM_SYS, read_misc_device, "vhost-net"},
	{"vhost.vsock", "virtualization", FROM_SYS, read_misc_device, "vhost-vsock"},
	{"vdpa", "virtualization", FROM_SYS, read_vdpa, NULL},
	{"vfio", "virtualization", FROM_SYS, read_vfio, NULL},
	{"tun", "virtualization", FROM_TRIAL, NULL, NULL},

	{"security.lsm", "security", FROM_SYS, read_lsm_list, NULL},
	{"security.landlock", "security", FROM_TRIAL, NULL, NULL},
	{"security.seccomp", "security", FROM_PROC, read_seccomp, NULL},
	{"security.selinux", "security", FROM_SYS, read_selinux, NULL},
	{"security.apparmor", "security", FROM_SYS, read_apparmor, NULL},
	{"security.fanotify", "security", FROM_TRIAL, NULL, NULL},
	{"kernel.audit", "security", FROM_PROC, read_audit, NULL},

	{"kernel.io_uring", "kernel", FROM_TRIAL, NULL, NULL},
	{"kernel.userfaultfd", "kernel", FROM_TRIAL, NULL, NULL},
	{"kernel.modules", "kernel", FROM_PROC, read_modules, NULL},
	{"kernel.livepatch", "kernel", FROM_SYS, read_exists, "/sys/kernel/livepatch"},

	{"memory.numa", "memory", FROM_SYS, read_numa, NULL},
	{"memory.hotplug", "memory", FROM_SYS, read_memory_hotplug, NULL},
	{"memory.huge_pages", "memory", FROM_SYS, read_huge_pages, NULL},
	{"memory.ksm", "memory", FROM_SYS, read_ksm, NULL},
	{"memory.tiers", "memory", FROM_SYS, read_tiers, NULL},

	{"hardware.dmi", "hardware", FROM_SYS, read_dmi, NULL},
	{"hardware.efi", "hardware", FROM_SYS, read_exists, "/sys/firmware/efi"},
	{"hardware.secure_boot", "hardware", FROM_SYS, read_secure_boot, NULL},
	{"hardware.tpm", "hardware", FROM_SYS, read_tpm, NULL},
	{"hardware.watchdog", "hardware", FROM_SYS, read_watchdog, NULL},
	{"hardware.counters", "hardware", FROM_TRIAL, NULL, NULL},
	{"hardware.cpu_hotplug", "hardware", FROM_SYS, read_cpu_hotplug, NULL},
};
const unsigned power_count = ARRAY_SIZE(powers);
_Static_assert(ARRAY_SIZE(powers) <= RESULT_POWERS_MAX, "a result has room for every power");

int powers_find_trial(const char *name)
{
	for (unsigned i = 0; i < power_count; i++)
		if (powers[i].from == FROM_TRIAL && strcmp(powers[i].name, name) == 0)
			return i;
	return -ENOENT;
}

/* What the probe has found, or why it has not. */
static void take_trial(const struct result *result, unsigned i, struct finding *f)
{
	if (result && result->findings[i])
		*f = *result->findings[i];
	else
		finding_set(
			f, POWER_UNKNOWN,
			result ? "leonhard-node-probe, when it last ran, did not try it"
			       : "not tried yet: leonhard-node-probe has no result of this boot");
}

static int add(const struct power *p, const struct finding *f, json_t *list)
{
	json_t *j =
		json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", p->name, "group", p->group, "state",
			  power_state_name(f->state), "detail", f->detail, "evidence", f->evidence);

	return json_array_append_new(list, j) < 0 ? -ENOMEM : 0;
}

/* Containers often hide /sys. That something is not there then says nothing about the machine. */
static bool is_hidden(const struct machine *m)
{
	return !machine_has(m, "/sys/devices") && !machine_has(m, "/sys/kernel");
}

static void look(const struct machine *m, const struct result *result, unsigned i,
		 struct finding *f)
{
	const struct power *p = &powers[i];

	if (p->from == FROM_TRIAL)
		take_trial(result, i, f);
	else if (p->from == FROM_SYS && is_hidden(m))
		finding_set(f, POWER_UNKNOWN, "/sys is hidden");
	else
		p->read(m, p->argument, f);
}

int powers_collect(const struct machine *m, const struct result *result, const char *group,
		   json_t **ret_powers)
{
	_cleanup_json_ json_t *list = json_array();
	int r = list ? 0 : -ENOMEM;

	for (unsigned i = 0; i < power_count && r == 0; i++) {
		struct finding f = {};

		if (group && strcmp(group, powers[i].group) != 0)
			continue;
		look(m, result, i, &f);
		r = add(&powers[i], &f, list);
	}
	if (r < 0)
		return r;
	*ret_powers = take_ptr(list);
	return 0;
}
