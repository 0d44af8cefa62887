/*
 * Where the kernel, the initramfs and the images are; see artifacts.h.
 */
#include "lab/artifacts.h"

#include <errno.h>
#include <stdio.h>

#include "base/def.h"

static int compose(char **ret_path, const char *directory, const char *profile, const char *file)
{
	int r;

	if (profile)
		r = asprintf(ret_path, "%s/%s/%s", directory, profile, file);
	else
		r = asprintf(ret_path, "%s/%s", directory, file);
	if (r < 0) {
		*ret_path = NULL;
		return -ENOMEM;
	}
	return 0;
}

int artifacts_init(struct artifacts *a, const struct options *o)
{
	int r;

	*a = (struct artifacts){};
	r = compose(&a->kernel, o->artifacts, NULL, "vmlinuz");
	if (r == 0)
		r = compose(&a->initramfs, o->artifacts, NULL, "lab-initramfs.cpio");
	if (r == 0)
		r = compose(&a->image, o->artifacts, o->profile, "image.raw");
	if (r == 0)
		r = compose(&a->disk, o->artifacts, o->profile, "lab.qcow2");
	if (r == 0)
		r = compose(&a->rig, o->artifacts, NULL, "bin/rig.aml");
	if (r < 0)
		artifacts_deinit(a);
	return r;
}

void artifacts_deinit(struct artifacts *a)
{
	free(a->kernel);
	free(a->initramfs);
	free(a->image);
	free(a->disk);
	free(a->rig);
	*a = (struct artifacts){};
}
