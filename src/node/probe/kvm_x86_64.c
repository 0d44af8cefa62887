/*
 * A guest that boots on x86-64: long mode, paging, user mode, a timer interrupt, halt.
 *
 * The processor starts where firmware and boot loader would have left it: registers are set to
 * 64-bit mode with paging. The page tables map the first 2 MiB and the 2 MiB around the local APIC
 * (Intel SDM volume 3, 4.5 and 11.5). The guest says how far it is through a port; the letters must
 * come in the order of the table of stages. A KVM on a machine without hardware virtualization can
 * emulate the first stage and the interrupt, but no vectors, and no loop in time.
 *
 *	0x0000 GDT   0x1000 PML4   0x2000 PDPT   0x3000, 0x4000 PD   0x5000 IDT   0x7000 code
 */
#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "base/def.h"
#include "node/probe/kvm.h"
#include "node/probe/kvm_guest.h"
#include "node/probe/trial.h"

enum {
	MEMORY_BYTES = 64 * 1024,
	GDT = 0,
	PML4 = 0x1000,
	PDPT = 0x2000,
	PD_LOW = 0x3000,
	PD_APIC = 0x4000,
	IDT = 0x5000,
	CODE = 0x7000,
	STACK = 0x10000,
	CPUID_ENTRIES = 256,
	DEADLINE_MS = 3000,
	SETTLE_MS = 100,
};

#define APIC UINT64_C(0xfee00000)
#define TSS_ADDRESS UINT64_C(0xfffbd000)

/* The guest's code: kvm_guest_x86_64.S. */
extern const uint8_t kvm_guest_start[], kvm_guest_timer[], kvm_guest_end[];

static const struct stage {
	char letter;
	const char *reached;
} stages[] = {
	{0, "no instruction of the guest"}, {'L', "64-bit code with paging"},
	{'V', "vector arithmetic"},	    {'C', "the end of a loop of 10 million rounds"},
	{'U', "user mode and back"},	    {'A', "the start of the timer of the local APIC"},
	{'I', "the timer's interrupt"},	    {'W', "the way back from halt"},
};

struct guest {
	struct finding *f;
	int kvm, vm, cpu;
	uint8_t *memory;
	struct kvm_run *run;
	size_t run_bytes;
	unsigned stage;
};

static struct kvm_run *volatile running;

/* Makes the next entry of the guest return at once, should the signal come between two. */
static void on_alarm(int sig)
{
	running->immediate_exit = 1;
}

static int set_timer(int ms)
{
	struct itimerval t = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}};

	running->immediate_exit = 0;
	return setitimer(ITIMER_REAL, &t, NULL) < 0 ? -errno : 0;
}

static void put64(struct guest *g, uint32_t address, uint64_t value)
{
	memcpy(g->memory + address, &value, sizeof(value));
}

static void fill_memory(struct guest *g)
{
	const uint32_t entry = IDT + GUEST_VECTOR * 16;
	const uint64_t handler = CODE + (kvm_guest_timer - kvm_guest_start);
	enum { PRESENT = 1, WRITABLE = 2, USER = 4, UNCACHED = 0x18, LARGE = 0x80 };
	enum { TABLE = PRESENT | WRITABLE | USER };

	put64(g, GDT + GUEST_CODE_SELECTOR, UINT64_C(0x00af9b000000ffff));
	put64(g, GDT + GUEST_DATA_SELECTOR, UINT64_C(0x00cf93000000ffff));
	put64(g, GDT + GUEST_USER_DATA_SELECTOR, UINT64_C(0x00cff3000000ffff));
	put64(g, GDT + GUEST_USER_CODE_SELECTOR, UINT64_C(0x00affb000000ffff));
	put64(g, PML4, PDPT | TABLE);
	put64(g, PDPT, PD_LOW | TABLE);
	put64(g, PDPT + 8 * (APIC >> 30), PD_APIC | TABLE);
	put64(g, PD_LOW, LARGE | TABLE);
	put64(g, PD_APIC + 8 * (APIC >> 21 & 511), APIC | LARGE | UNCACHED | WRITABLE | PRESENT);
	/* An interrupt gate, present: offset 15..0, selector, type, offset 31..16. */
	put64(g, entry, UINT64_C(0x8e00) << 32 | GUEST_CODE_SELECTOR << 16 | handler);
	memcpy(g->memory + CODE, kvm_guest_start, kvm_guest_end - kvm_guest_start);
}

static int make_vm(struct guest *g)
{
	struct kvm_userspace_memory_region region = {.memory_size = MEMORY_BYTES};

	g->vm = ioctl(g->kvm, KVM_CREATE_VM, 0);
	if (g->vm < 0)
		return -errno;
	/* Intel's processors need three pages of the guest for real mode; others ignore it. */
	ioctl(g->vm, KVM_SET_TSS_ADDR, TSS_ADDRESS);
	if (ioctl(g->vm, KVM_CREATE_IRQCHIP, 0) < 0)
		return -errno;
	g->memory =
		mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (g->memory == MAP_FAILED)
		return -errno;
	region.userspace_addr = (uintptr_t)g->memory;
	fill_memory(g);
	return ioctl(g->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0 ? -errno : 0;
}

/* The guest's processor has what KVM can give it: without, it would refuse 64-bit mode. */
static int set_cpuid(struct guest *g)
{
	_cleanup_free_ struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + CPUID_ENTRIES * sizeof(cpuid->entries[0]));

	if (!cpuid)
		return -ENOMEM;
	cpuid->nent = CPUID_ENTRIES;
	if (ioctl(g->kvm, KVM_GET_SUPPORTED_CPUID, cpuid) < 0 ||
	    ioctl(g->cpu, KVM_SET_CPUID2, cpuid) < 0)
		return -errno;
	return 0;
}

static int set_registers(struct guest *g)
{
	const struct kvm_segment code_segment = {
		.limit = UINT32_MAX,
		.selector = GUEST_CODE_SELECTOR,
		.type = 11,
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1,
	};
	const struct kvm_segment data_segment = {
		.limit = UINT32_MAX,
		.selector = GUEST_DATA_SELECTOR,
		.type = 3,
		.present = 1,
		.db = 1,
		.s = 1,
		.g = 1,
	};
	const struct kvm_regs regs = {.rip = CODE, .rsp = STACK, .rflags = 2};
	struct kvm_sregs s;

	if (ioctl(g->cpu, KVM_GET_SREGS, &s) < 0)
		return -errno;
	s.cs = code_segment;
	s.ds = s.es = s.fs = s.gs = s.ss = data_segment;
	s.gdt.base = GDT;
	s.gdt.limit = GUEST_USER_CODE_SELECTOR + 8 - 1;
	s.idt.base = IDT;
	s.idt.limit = (GUEST_VECTOR + 1) * 16 - 1;
	s.cr3 = PML4;
	s.cr4 = 1 << 10 | 1 << 9 | 1 << 5; /* OSXMMEXCPT, OSFXSR, PAE */
	s.cr0 = 0x80000033; /* PG, NE, ET, MP, PE */
	s.efer = 1 << 10 | 1 << 8 | 1; /* LMA, LME, SCE */
	if (ioctl(g->cpu, KVM_SET_SREGS, &s) < 0 || ioctl(g->cpu, KVM_SET_REGS, &regs) < 0)
		return -errno;
	return 0;
}

static int make_cpu(struct guest *g)
{
	int bytes = ioctl(g->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	int r;

	g->cpu = ioctl(g->vm, KVM_CREATE_VCPU, 0);
	if (g->cpu < 0 || bytes < (int)sizeof(*g->run))
		return g->cpu < 0 ? -errno : -EPROTO;
	g->run = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, g->cpu, 0);
	if (g->run == MAP_FAILED)
		return -errno;
	g->run_bytes = bytes;
	running = g->run;
	r = set_cpuid(g);
	return r < 0 ? r : set_registers(g);
}

/* Takes what the guest has written; whether it is the next letter. */
static bool take_letter(struct guest *g)
{
	const struct kvm_run *run = g->run;

	if (run->io.direction != KVM_EXIT_IO_OUT || run->io.port != GUEST_PORT ||
	    run->io.size != 1 || run->io.count != 1 || run->io.data_offset >= g->run_bytes)
		return false;
	if (((const char *)run)[run->io.data_offset] != stages[g->stage + 1].letter)
		return false;
	g->stage++;
	return true;
}

/* The guest has ended in a way that it should not. */
static void tell_exit(struct guest *g)
{
	const struct kvm_run *run = g->run;
	const char *reached = stages[g->stage].reached;

	if (run->exit_reason == KVM_EXIT_SHUTDOWN)
		finding_set(g->f, POWER_NO, "the guest reached %s, then shut down (triple fault)",
			    reached);
	else if (run->exit_reason == KVM_EXIT_FAIL_ENTRY)
		finding_set(g->f, POWER_NO,
			    "the processor refused to enter the guest (reason 0x%llx)",
			    (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
	else if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
		finding_set(g->f, POWER_NO,
			    "the guest reached %s, then KVM gave up (internal error %u)", reached,
			    run->internal.suberror);
	else if (run->exit_reason == KVM_EXIT_IO)
		finding_set(g->f, POWER_NO, "the guest reached %s, then wrote what it should not",
			    reached);
	else
		finding_set(g->f, POWER_NO, "the guest reached %s, then ended with exit %u",
			    reached, run->exit_reason);
}

/* Runs until the last letter; 0, or what came instead, of which the finding tells. */
static int run_stages(struct guest *g)
{
	int r;

	while (g->stage + 1 < ARRAY_SIZE(stages)) {
		r = ioctl(g->cpu, KVM_RUN, 0) < 0 ? -errno : 0;
		if (r == -EINTR && running->immediate_exit) {
			finding_set(g->f, POWER_NO, "after %d s the guest had reached %s",
				    DEADLINE_MS / 1000, stages[g->stage].reached);
			return -ETIMEDOUT;
		}
		if (r == -EINTR || r == -EAGAIN)
			continue;
		if (r < 0) {
			trial_failed(g->f, r, "the guest reached %s; running it",
				     stages[g->stage].reached);
			return r;
		}
		if (g->run->exit_reason != KVM_EXIT_IO || !take_letter(g)) {
			tell_exit(g);
			return -EPROTO;
		}
	}
	return 0;
}

/* With the interrupt controller in the kernel, a halted processor stays there: the signal gets us
 * back, and the processor's state says that it has halted. */
static void run_halt(struct guest *g)
{
	struct kvm_mp_state state = {};
	int r = set_timer(SETTLE_MS);

	if (r == 0)
		r = ioctl(g->cpu, KVM_RUN, 0) < 0 ? -errno : 0;
	if (r == 0)
		tell_exit(g);
	else if (r != -EINTR || ioctl(g->cpu, KVM_GET_MP_STATE, &state) < 0)
		trial_failed(g->f, r, "the guest took a timer interrupt; letting it halt");
	else if (state.mp_state != KVM_MP_STATE_HALTED)
		finding_set(g->f, POWER_NO,
			    "the guest took a timer interrupt, but did not halt (state %u)",
			    state.mp_state);
	else
		finding_set(g->f, POWER_YES,
			    "a guest ran 64-bit code with paging, in user mode too, took an "
			    "interrupt of its local APIC's timer, and halted");
}

void kvm_boot(struct finding *f, int kvm)
{
	struct guest g = {.f = f, .kvm = kvm, .vm = -1, .cpu = -1};
	struct sigaction action = {.sa_handler = on_alarm};
	int r = make_vm(&g);

	if (r < 0) {
		trial_failed(f, r, "/dev/kvm opens; making a virtual machine");
		return;
	}
	r = make_cpu(&g);
	if (r < 0) {
		trial_failed(f, r, "made a virtual machine; giving it a processor");
		return;
	}
	r = sigaction(SIGALRM, &action, NULL) < 0 ? -errno : set_timer(DEADLINE_MS);
	if (r < 0)
		trial_failed(f, r, "setting a timer");
	else if (run_stages(&g) == 0)
		run_halt(&g);
}
