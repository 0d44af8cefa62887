/*
 * Readers of powers (powers.h), by group: read_GROUP.c.
 */
#ifndef NODE_READ_H
#define NODE_READ_H

#include "node/finding.h"
#include "node/machine.h"

#define READER(name) void name(const struct machine *m, const char *argument, struct finding *f)

READER(read_bpf_unprivileged);
READER(read_lsm_list);
READER(read_lsm_has); /* @argument: name of the module */
READER(read_audit);
READER(read_seccomp);
READER(read_selinux);
READER(read_apparmor);
READER(read_modules);

READER(read_cgroup2);
READER(read_cgroup1);
READER(read_pressure);

READER(read_cpufreq);
READER(read_powercap);
READER(read_power_sensors);
READER(read_thermal);
READER(read_acpi_meter);
READER(read_cpuidle);

READER(read_kvm_parameter); /* @argument: "nested" */
READER(read_tdp_mmu);
READER(read_misc_device); /* @argument: name of the device: "vhost-net" */
READER(read_vdpa);
READER(read_vfio);

READER(read_tpm);
READER(read_watchdog);
READER(read_secure_boot);
READER(read_dmi);
READER(read_cpu_hotplug);

READER(read_memory_hotplug);
READER(read_numa);
READER(read_huge_pages);
READER(read_ksm);
READER(read_tiers);

/* A folder or file that is there, or not; @argument: its path. */
READER(read_exists);
/* A class of devices with at least one; @argument: "/sys/class/ipmi". */
READER(read_class);

#endif
