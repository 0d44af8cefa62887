/*
 * Step "host keys": the keys by which clients know this machine; see steps.h.
 *
 * A key is made under another name, synced and renamed, the private half last: when that has its
 * name, the pair is whole, and ssh-keygen killed half-way leaves nothing that looks like a key.
 */
#include "firstboot/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"

/* RSA is left out: it takes minutes on an emulated machine, and every client knows the others. */
static const char *const kinds[] = {"ed25519", "ecdsa"};

static int sync_file(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int remove_leftover(const char *path)
{
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* Makes the pair @key and @pub by way of @new_key and @new_pub. */
static int make_pair(struct firstboot *fb, const char *kind, const char *const from[2],
		     const char *const to[2])
{
	struct tool keygen =
		TOOL(TOOL_SSH_KEYGEN, "-q", "-t", kind, "-N", "", "-C", "", "-f", from[1]);
	int r = 0;

	for (size_t i = 0; i < 2 && r == 0; i++)
		r = remove_leftover(from[i]);
	if (r == 0)
		r = steps_tool(fb, &keygen, NULL);
	for (size_t i = 0; i < 2 && r == 0; i++)
		r = sync_file(from[i]);
	for (size_t i = 0; i < 2 && r == 0; i++)
		r = rename(from[i], to[i]) < 0 ? -errno : 0;
	return r;
}

static int make_key(struct firstboot *fb, const char *kind)
{
	_cleanup_free_ char *key = NULL, *pub = NULL, *new_key = NULL, *new_pub = NULL;
	struct stat st;

	if (asprintf(&key, "%s/etc/ssh/ssh_host_%s_key", fb->root, kind) < 0 ||
	    asprintf(&pub, "%s.pub", key) < 0 || asprintf(&new_key, "%s.new", key) < 0 ||
	    asprintf(&new_pub, "%s.pub", new_key) < 0)
		return -ENOMEM;
	if (stat(key, &st) == 0 && st.st_size > 0)
		return 0;
	return make_pair(fb, kind, (const char *const[]){new_pub, new_key},
			 (const char *const[]){pub, key});
}

int steps_host_keys(struct firstboot *fb)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && r == 0; i++)
		r = make_key(fb, kinds[i]);
	return r;
}
