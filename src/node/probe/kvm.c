/*
 * What the trials of KVM share on all architectures; see kvm.h.
 */
#include "node/probe/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "base/def.h"
#include "node/probe/trial.h"

/* Of newer headers: the ring for machines that order stores weakly. */
enum { CAP_DIRTY_RING_ORDERED = 223 };

int kvm_open(struct finding *f)
{
	_cleanup_close_ int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int version;

	if (kvm < 0) {
		trial_failed(f, -errno, "opening /dev/kvm");
		return -errno;
	}
	version = ioctl(kvm, KVM_GET_API_VERSION, 0);
	if (version == KVM_API_VERSION)
		return take_fd(&kvm);
	finding_set(f, POWER_NO, "/dev/kvm opens, but speaks version %d, not %d", version,
		    KVM_API_VERSION);
	return -EPROTO;
}

void kvm_trial_boot(struct finding *f, const void *data)
{
	_cleanup_close_ int kvm = -1;

	finding_detail(f, "virtual machines (KVM)");
	kvm = kvm_open(f);
	if (kvm >= 0)
		kvm_boot(f, kvm);
}

void kvm_trial_dirty_ring(struct finding *f, const void *data)
{
	_cleanup_close_ int kvm = -1;
	int plain, ordered;

	finding_detail(f, "a ring of the pages that a guest has written");
	kvm = kvm_open(f);
	if (kvm < 0)
		return;
	plain = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_DIRTY_LOG_RING);
	ordered = ioctl(kvm, KVM_CHECK_EXTENSION, CAP_DIRTY_RING_ORDERED);
	if (plain > 0 || ordered > 0)
		finding_set(f, POWER_YES, "KVM_CHECK_EXTENSION allows a ring of %d bytes",
			    plain > ordered ? plain : ordered);
	else
		finding_set(f, POWER_NO, "KVM_CHECK_EXTENSION allows none");
}
