/*
 * What the machine runs in; see virt.h.
 *
 * Witnesses are asked in the order of their word's weight. About containers, which are inside of
 * all else: their managers, then what engines leave. About machines: products that firmware names
 * for sure; Xen, whose first guest has the processor's signature as well; that signature, which
 * names the hypervisor that really runs; firmware names that several hypervisors share; what other
 * kinds of firmware and the kernel say.
 */
#include "node/virt.h"

#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "node/cpuinfo.h"
#include "node/finding.h"

enum { CPUINFO_BYTES_MAX = 64 * 1024 };

struct word {
	const char *text, *name;
};

/* Begins of what firmware calls vendor, product or board. */
static const struct word products[] = {
	{"VMware", "vmware"},
	{"VMW", "vmware"},
	{"innotek GmbH", "virtualbox"},
	{"VirtualBox", "virtualbox"},
	{"Oracle Corporation", "virtualbox"},
	{"Amazon EC2", "amazon"},
	{"Google Compute Engine", "google"},
	{"Parallels", "parallels"},
	{"Apple Virtualization", "apple"},
	{"Alibaba Cloud ECS", "alibaba"},
	{"Virtual Machine", "microsoft"},
};

static const struct word shared[] = {
	{"QEMU", "qemu"},    {"KVM", "kvm"},	       {"OpenStack", "kvm"},
	{"KubeVirt", "kvm"}, {"Bochs", "bochs"},       {"BHYVE", "bhyve"},
	{"Xen", "xen"},	     {"Hyper-V", "microsoft"}, {"Firecracker", "kvm"},
};

static const struct word signatures[] = {
	{"KVMKVMKVM", "kvm"},	     {"Linux KVM Hv", "kvm"},	     {"TCGTCGTCGTCG", "qemu"},
	{"VMwareVMware", "vmware"},  {"VBoxVBoxVBox", "virtualbox"}, {"Microsoft Hv", "microsoft"},
	{"XenVMMXenVMM", "xen"},     {"bhyve bhyve", "bhyve"},	     {"ACRNACRNACRN", "acrn"},
	{"prl hyperv", "parallels"}, {" lrpepyh  vr", "parallels"},  {"QNXQVMBSQG", "qnx"},
	{"SRESRESRESRE", "sre"},     {"Apple VZ", "apple"},	     {"EVMMEVMMEVMM", "evmm"},
	{"___ NVMM ___", "nvmm"},    {"HAXMHAXMHAXM", "haxm"},
};

static const char *const dmi_files[] = {"product_name", "sys_vendor", "board_vendor",
					"bios_vendor"};

/* Files that a container engine makes for the processes in it. */
static const struct word engines[] = {
	{"/run/.containerenv", "podman"},
	{"/.dockerenv", "docker"},
};

__attribute__((format(printf, 3, 4))) static bool say(struct virt *v, const char *name,
						      const char *evidence, ...)
{
	va_list args;

	finding_copy(v->name, sizeof(v->name), name);
	va_start(args, evidence);
	finding_vprint(v->evidence, sizeof(v->evidence), evidence, args);
	va_end(args);
	return true;
}

/* Names that a manager wrote for those inside; one word each. */
static bool ask_manager(const struct machine *m, struct virt *v)
{
	static const char *const files[] = {"/run/systemd/container",
					    "/run/host/container-manager"};
	char name[VIRT_NAME_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		machine_line(m, name, sizeof(name), "%s", files[i]);
		if (*name)
			return say(v, name, "%s says %s", files[i], name);
	}
	return false;
}

/* The root of a virtual machine may have been made from a container's, which leaves these files. */
static bool ask_engines(const struct machine *m, struct virt *v)
{
	if (m->first_namespaces)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (machine_has(m, "%s", engines[i].text))
			return say(v, engines[i].name, "%s is there", engines[i].text);
	if (machine_has(m, "/proc/vz") && !machine_has(m, "/proc/bc"))
		return say(v, "openvz", "/proc/vz is there, and /proc/bc is not");
	return false;
}

static bool ask_wsl(const struct machine *m, struct virt *v)
{
	char release[MACHINE_LINE_MAX];

	machine_line(m, release, sizeof(release), "/proc/sys/kernel/osrelease");
	if (!strstr(release, "Microsoft") && !strstr(release, "WSL"))
		return false;
	return say(v, "wsl", "the kernel's release names it");
}

static bool ask_dmi(const struct machine *m, struct virt *v, const struct word *words, size_t count)
{
	char line[MACHINE_LINE_MAX];

	for (size_t file = 0; file < ARRAY_SIZE(dmi_files); file++) {
		machine_line(m, line, sizeof(line), "/sys/class/dmi/id/%s", dmi_files[file]);
		for (size_t i = 0; i < count; i++)
			if (str_starts(line, words[i].text))
				return say(v, words[i].name, "/sys/class/dmi/id/%s says %s",
					   dmi_files[file], line);
	}
	return false;
}

/* Bare metal of a cloud carries its name as its virtual machines do. */
static bool ask_products(const struct machine *m, struct virt *v)
{
	char product[MACHINE_LINE_MAX];

	machine_line(m, product, sizeof(product), "/sys/class/dmi/id/product_name");
	if (str_ends(product, ".metal") || strstr(product, ".metal-"))
		return say(v, "none", "/sys/class/dmi/id/product_name says bare metal");
	return ask_dmi(m, v, products, ARRAY_SIZE(products));
}

/* The first guest of Xen has the hardware, and is no guest for our purposes. */
static bool ask_xen(const struct machine *m, struct virt *v)
{
	char type[VIRT_NAME_MAX], capabilities[MACHINE_LINE_MAX];

	if (machine_line(m, type, sizeof(type), "/sys/hypervisor/type") < 0 || !*type)
		return false;
	machine_line(m, capabilities, sizeof(capabilities), "/proc/xen/capabilities");
	if (strstr(capabilities, "control_d"))
		return say(v, "none",
			   "/proc/xen/capabilities says control_d: the domain that controls");
	return say(v, type, "/sys/hypervisor/type names it");
}

static bool ask_processor(const struct machine *m, struct virt *v)
{
	const char *name = "vm";

	if (!m->hypervisor || !*m->hypervisor)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++)
		if (str_equal(signatures[i].text, m->hypervisor))
			name = signatures[i].name;
	return say(v, name, "CPUID leaf 0x40000000 says %s", m->hypervisor);
}

static bool ask_shared(const struct machine *m, struct virt *v)
{
	return ask_dmi(m, v, shared, ARRAY_SIZE(shared));
}

static bool ask_device_tree(const struct machine *m, struct virt *v)
{
	static const struct word compatible[] = {{"linux,kvm", "kvm"}, {"xen", "xen"}, {"", "vm"}};
	char line[MACHINE_LINE_MAX];

	machine_line(m, line, sizeof(line), "/sys/firmware/devicetree/base/hypervisor/compatible");
	for (size_t i = 0; *line && i < ARRAY_SIZE(compatible); i++)
		if (str_starts(line, compatible[i].text))
			return say(v, compatible[i].name,
				   "the device tree has a node for the hypervisor: %s", line);
	machine_line(m, line, sizeof(line), "/sys/firmware/devicetree/base/model");
	if (str_starts(line, "linux,dummy-virt"))
		return say(v, "qemu", "the device tree's model is linux,dummy-virt");
	return false;
}

static bool ask_kernel(const struct machine *m, struct virt *v)
{
	_cleanup_free_ char *text = NULL;
	struct cpuinfo info;

	if (machine_text(m, "/proc/cpuinfo", CPUINFO_BYTES_MAX, &text) < 0 ||
	    cpuinfo_parse(text, &info) < 0 || !info.hypervisor)
		return false;
	return say(v, "vm", "/proc/cpuinfo has the flag hypervisor");
}

typedef bool (*witness)(const struct machine *m, struct virt *v);

static const witness of_containers[] = {ask_manager, ask_engines, ask_wsl};
static const witness of_machines[] = {
	ask_products, ask_xen, ask_processor, ask_shared, ask_device_tree, ask_kernel,
};

/* The first witness decides; what the next one says is told, too. */
static void ask(const struct machine *m, const witness *witnesses, size_t count, struct virt *v)
{
	struct virt second = {};

	for (size_t i = 0; i < count && !*second.name; i++)
		witnesses[i](m, *v->name ? &second : v);
	if (*second.name)
		finding_add(v->evidence, sizeof(v->evidence), "; %s (%s)", second.evidence,
			    second.name);
}

void virt_detect(const struct machine *m, struct virt *ret_virt)
{
	struct virt inner = {}, outer = {};

	ask(m, of_containers, ARRAY_SIZE(of_containers), &inner);
	ask(m, of_machines, ARRAY_SIZE(of_machines), &outer);
	if (*inner.name && *outer.name)
		finding_add(inner.evidence, sizeof(inner.evidence), "; around it %s: %s",
			    outer.name, outer.evidence);
	else if (!*inner.name)
		inner = outer;
	if (!*inner.name)
		say(&inner, "none",
		    m->hypervisor ? "no container manager, firmware or processor names one"
				  : "no container manager or firmware names one");
	*ret_virt = inner;
}
