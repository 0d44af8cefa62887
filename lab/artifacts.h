/*
 * Where the kernel, the initramfs and the images are.
 */
#ifndef LAB_ARTIFACTS_H
#define LAB_ARTIFACTS_H

#include "lab/options.h"

struct artifacts {
	char *kernel; /* DIR/vmlinuz */
	char *initramfs; /* DIR/lab-initramfs.cpio */
	char *image; /* DIR/PROFILE/image.raw */
	char *disk; /* DIR/PROFILE/lab.qcow2 */
	char *rig; /* DIR/bin/rig.aml */
};

/* Composes the paths; whether something is there is seen when it is used. */
int artifacts_init(struct artifacts *a, const struct options *o);
void artifacts_deinit(struct artifacts *a);

#endif
