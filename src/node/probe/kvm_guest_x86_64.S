/*
 * The guest that the trial of KVM boots. It starts in 64-bit mode with paging, at its first byte,
 * wherever it lies, and says how far it is by a letter to a port. Its stages are what every guest
 * needs and what a KVM that only emulates instructions cannot do, or cannot do in time.
 */
#include "node/probe/kvm_guest.h"

#define APIC 0xfee00000
#define APIC_EOI 0xb0
#define APIC_SPURIOUS 0xf0
#define APIC_TIMER 0x320
#define APIC_TIMER_COUNT 0x380
#define APIC_TIMER_DIVIDE 0x3e0
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082

	.macro say letter
	mov	$\letter, %al
	out	%al, $GUEST_PORT
	.endm

	.section .rodata
	.globl	kvm_guest_start, kvm_guest_timer, kvm_guest_end
	.hidden	kvm_guest_start, kvm_guest_timer, kvm_guest_end
	.code64

kvm_guest_start:
	say	'L'

	/* Vectors: twice 'V' / 2. */
	mov	$'V' / 2, %eax
	movd	%eax, %xmm0
	paddd	%xmm0, %xmm0
	movd	%xmm0, %eax
	out	%al, $GUEST_PORT

	mov	$10000000, %ecx
1:	dec	%ecx
	jnz	1b
	say	'C'

	/* To user mode and back, by SYSRET and SYSCALL. */
	mov	$MSR_STAR, %ecx
	mov	$(GUEST_USER_BASE | 3) << 16 | GUEST_CODE_SELECTOR, %edx
	xor	%eax, %eax
	wrmsr
	mov	$MSR_LSTAR, %ecx
	lea	back(%rip), %rax
	xor	%edx, %edx
	wrmsr
	lea	user(%rip), %rcx
	mov	$2, %r11d
	sysretq
user:
	syscall
back:
	say	'U'

	/* The timer of the local APIC: once, soon. */
	mov	$APIC, %ebx
	movl	$0x1ff, APIC_SPURIOUS(%rbx)
	movl	$0xb, APIC_TIMER_DIVIDE(%rbx)
	movl	$GUEST_VECTOR, APIC_TIMER(%rbx)
	movl	$1000000, APIC_TIMER_COUNT(%rbx)
	say	'A'
	sti
	hlt
	cli
	say	'W'
	hlt
	ud2

kvm_guest_timer:
	push	%rax
	say	'I'
	movl	$0, APIC_EOI(%rbx)
	pop	%rax
	iretq
kvm_guest_end:

	.section .note.GNU-stack, "", %progbits
