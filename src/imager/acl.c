/*
 * From the ACL of an archive entry to an attribute; see acl.h.
 *
 * The attribute is the kernel's (include/uapi/linux/posix_acl_xattr.h): a version, then entries
 * of tag, permission and id, ordered by tag and id, all in little-endian order.
 */
#include "acl.h"

#include <archive.h>
#include <archive_entry.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/def.h"
#include "tree.h"

#define ACL_VERSION 2
#define ACL_NO_ID UINT32_MAX

struct acl_entry {
	uint16_t tag, perm;
	uint32_t id;
};

struct acl {
	uint32_t version;
	struct acl_entry entries[];
};

_Static_assert(sizeof(struct acl_entry) == 8, "struct posix_acl_xattr_entry");
_Static_assert(sizeof(struct acl) == 4, "struct posix_acl_xattr_header");

/* The tags of the kernel, include/linux/posix_acl.h; qualified ones name a user or a group. */
static const struct {
	int archive_tag;
	uint16_t tag;
	int qualified;
} tags[] = {
	{ARCHIVE_ENTRY_ACL_USER_OBJ, 0x01, 0},	{ARCHIVE_ENTRY_ACL_USER, 0x02, 1},
	{ARCHIVE_ENTRY_ACL_GROUP_OBJ, 0x04, 0}, {ARCHIVE_ENTRY_ACL_GROUP, 0x08, 1},
	{ARCHIVE_ENTRY_ACL_MASK, 0x10, 0},	{ARCHIVE_ENTRY_ACL_OTHER, 0x20, 0},
};

static const struct {
	int type;
	const char *attribute;
	int least; /* entries that only repeat the mode make no list */
} lists[] = {
	{ARCHIVE_ENTRY_ACL_TYPE_ACCESS, "system.posix_acl_access", 4},
	{ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, "system.posix_acl_default", 1},
};

/* libarchive's permissions are those of a mode: read 4, write 2, execute 1. */
static int convert(int archive_tag, int permset, int id, struct acl_entry *ret_entry)
{
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		if (tags[i].archive_tag != archive_tag)
			continue;
		if (tags[i].qualified && id < 0)
			return -ENOTSUP;
		*ret_entry = (struct acl_entry){
			.tag = htole16(tags[i].tag),
			.perm = htole16(permset & 7),
			.id = htole32(tags[i].qualified ? (uint32_t)id : ACL_NO_ID),
		};
		return 0;
	}
	return -ENOTSUP;
}

static int compare(const void *a, const void *b)
{
	const struct acl_entry *x = a, *y = b;
	uint16_t xt = le16toh(x->tag), yt = le16toh(y->tag);
	uint32_t xi = le32toh(x->id), yi = le32toh(y->id);

	return xt != yt ? (xt > yt) - (xt < yt) : (xi > yi) - (xi < yi);
}

static int read_list(struct archive_entry *ae, size_t which, struct node *node)
{
	int count = archive_entry_acl_reset(ae, lists[which].type);
	int type, permset, tag, id, filled = 0, r = 0;
	_cleanup_free_ struct acl *acl = NULL;
	const char *name;

	if (count < lists[which].least)
		return 0;
	acl = malloc(sizeof(*acl) + count * sizeof(acl->entries[0]));
	if (!acl)
		return -ENOMEM;
	acl->version = htole32(ACL_VERSION);
	while (r == 0 && filled < count &&
	       archive_entry_acl_next(ae, lists[which].type, &type, &permset, &tag, &id, &name) ==
		       ARCHIVE_OK)
		r = convert(tag, permset, id, &acl->entries[filled++]);
	if (r < 0)
		return r;
	qsort(acl->entries, filled, sizeof(acl->entries[0]), compare);
	return node_set_xattr(node, lists[which].attribute, acl,
			      sizeof(*acl) + filled * sizeof(acl->entries[0]));
}

int acl_read(struct archive_entry *ae, const char *path, struct node *node, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		int r = read_list(ae, i, node);

		if (r == -ENOMEM)
			return err_oom(err);
		if (r < 0)
			return err_set(err, r, "%s: an access list that names no numeric ids",
				       path);
	}
	return 0;
}
