/*
 * The trial of KVM where there is no guest to boot: processors other than x86-64.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "base/def.h"
#include "node/probe/kvm.h"
#include "node/probe/trial.h"

void kvm_boot(struct finding *f, int kvm)
{
	_cleanup_close_ int vm = ioctl(kvm, KVM_CREATE_VM, 0), cpu = -1;

	if (vm >= 0)
		cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vm < 0 || cpu < 0)
		trial_failed(f, -errno, "making a virtual machine with one processor");
	else
		finding_set(f, POWER_UNKNOWN,
			    "made a virtual machine with one processor; the probe has no guest "
			    "to boot on this architecture");
}
