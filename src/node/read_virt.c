/*
 * Readers of powers: virtualization.
 */
#include <stdbool.h>

#include "base/def.h"
#include "base/str.h"
#include "node/read.h"

static const char *const kvm_modules[] = {"kvm_intel", "kvm_amd"};

static bool is_on(const char *value)
{
	return str_equal(value, "Y") || str_equal(value, "1");
}

void read_kvm_parameter(const struct machine *m, const char *argument, struct finding *f)
{
	char value[MACHINE_LINE_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(kvm_modules); i++) {
		if (machine_line(m, value, sizeof(value), "/sys/module/%s/parameters/%s",
				 kvm_modules[i], argument) < 0)
			continue;
		finding_set(f, is_on(value) ? POWER_YES : POWER_NO,
			    "/sys/module/%s/parameters/%s says %s", kvm_modules[i], argument,
			    *value ? value : "nothing");
		return;
	}
	finding_set(f, POWER_NO, "neither kvm_intel nor kvm_amd is loaded");
}

/* Page tables of guests by the processor, handled by the newer of two ways. */
void read_tdp_mmu(const struct machine *m, const char *argument, struct finding *f)
{
	static const char *const paging[] = {"kvm_intel/parameters/ept", "kvm_amd/parameters/npt"};
	char value[MACHINE_LINE_MAX];

	if (machine_line(m, value, sizeof(value), "/sys/module/kvm/parameters/tdp_mmu") < 0 ||
	    !is_on(value)) {
		finding_set(f, POWER_NO, "/sys/module/kvm/parameters/tdp_mmu %s",
			    *value ? "is off" : "is not there");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(paging); i++) {
		machine_line(m, value, sizeof(value), "/sys/module/%s", paging[i]);
		if (!is_on(value))
			continue;
		finding_set(f, POWER_YES, "/sys/module/kvm/parameters/tdp_mmu and %s are on",
			    paging[i]);
		return;
	}
	finding_set(f, POWER_NO,
		    "/sys/module/kvm/parameters/tdp_mmu is on, but neither ept nor npt");
}

/* Devices of modules that are loaded. Opening the device would load the module, so it stays unknown
 * what it would do. */
void read_misc_device(const struct machine *m, const char *argument, struct finding *f)
{
	if (machine_has(m, "/sys/class/misc/%s", argument))
		finding_set(f, POWER_YES, "/sys/class/misc/%s is there", argument);
	else
		finding_set(f, POWER_UNKNOWN,
			    "/sys/class/misc/%s is not there: its module is not loaded", argument);
}

void read_vdpa(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/bus/vdpa/devices");

	for (char **name = names; name && *name; name++)
		finding_list(f, ", ", *name);
	if (names && !*names)
		finding_detail(f, "no device");
	if (names)
		finding_set(f, POWER_YES, "/sys/bus/vdpa is there");
	else
		finding_set(f, POWER_UNKNOWN,
			    "/sys/bus/vdpa is not there: its module is not loaded");
}

void read_vfio(const struct machine *m, const char *argument, struct finding *f)
{
	_cleanup_(str_vector_free_p) char **names = machine_list(m, "/sys/kernel/iommu_groups");
	size_t groups = names ? str_vector_count(names) : 0;

	if (!groups) {
		finding_set(f, POWER_NO, "no group in /sys/kernel/iommu_groups: no IOMMU is used");
		return;
	}
	finding_detail(f, "%zu IOMMU group%s", groups, groups == 1 ? "" : "s");
	if (machine_has(m, "/sys/class/misc/vfio"))
		finding_set(f, POWER_YES, "/sys/class/misc/vfio and /sys/kernel/iommu_groups");
	else
		finding_set(f, POWER_UNKNOWN,
			    "/sys/class/misc/vfio is not there: its module is not loaded");
}
