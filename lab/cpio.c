/*
 * Writing a cpio archive; see cpio.h.
 */
#include "lab/cpio.h"

#include <errno.h>
#include <string.h>

void cpio_init(struct cpio *c, FILE *file)
{
	*c = (struct cpio){.file = file};
}

static void put(struct cpio *c, const void *bytes, size_t len)
{
	if (c->error || len == 0)
		return;
	if (fwrite(bytes, 1, len, c->file) != len)
		c->error = -EIO;
	c->offset += len;
}

static void pad(struct cpio *c)
{
	static const char zeros[4];

	put(c, zeros, (4 - c->offset % 4) % 4);
}

void cpio_add(struct cpio *c, const struct cpio_entry *e)
{
	char header[6 + 13 * 8 + 1];

	if (e->len > UINT32_MAX) {
		c->error = -EFBIG;
		return;
	}
	/* inode, mode, uid, gid, links, mtime, size, device, special device, name size, checksum */
	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ++c->inode, e->mode,
		 0, 0, 1, 0, (unsigned)e->len, 0, 0, e->device_major, e->device_minor,
		 (unsigned)strlen(e->name) + 1, 0);
	put(c, header, strlen(header));
	put(c, e->name, strlen(e->name) + 1);
	pad(c);
	put(c, e->data, e->len);
	pad(c);
}

int cpio_finish(struct cpio *c)
{
	cpio_add(c, &(struct cpio_entry){.name = "TRAILER!!!"});
	if (!c->error && fflush(c->file) != 0)
		c->error = -errno;
	return c->error;
}
