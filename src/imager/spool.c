/*
 * Contents of files between reading and writing; see spool.h.
 *
 * MD5 is taken beside SHA-256 because it is what dpkg records of the files it unpacked.
 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/def.h"
#include "tree.h"

static const char name[] = ".imager-spool.tmp";

int spool_init(struct spool *s, int dirfd)
{
	struct spool new = SPOOL_INIT;

	unlinkat(dirfd, name, 0);
	new.fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (new.fd < 0 || unlinkat(dirfd, name, 0) < 0) {
		int r = -errno;

		spool_deinit(&new);
		return r;
	}
	new.sha256 = EVP_MD_CTX_new();
	new.md5 = EVP_MD_CTX_new();
	if (!new.sha256 || !new.md5) {
		spool_deinit(&new);
		return -ENOMEM;
	}
	*s = new;
	return 0;
}

void spool_deinit(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	EVP_MD_CTX_free(s->sha256);
	EVP_MD_CTX_free(s->md5);
	*s = (struct spool)SPOOL_INIT;
}

int spool_begin(struct spool *s)
{
	if (EVP_DigestInit_ex(s->sha256, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestInit_ex(s->md5, EVP_md5(), NULL) != 1)
		return -ENOTSUP;
	s->start = s->end;
	s->done = 0;
	return 0;
}

static int digest(struct spool *s, const void *data, size_t len)
{
	if (EVP_DigestUpdate(s->sha256, data, len) != 1 || EVP_DigestUpdate(s->md5, data, len) != 1)
		return -EIO;
	s->done += len;
	return 0;
}

/* A hole up to @offset: zero bytes for the digests, nothing for the spool. */
static int skip_to(struct spool *s, uint64_t offset)
{
	static const char zeroes[65536];

	while (s->done < offset) {
		uint64_t left = offset - s->done;
		int r = digest(s, zeroes, left < sizeof(zeroes) ? left : sizeof(zeroes));

		if (r < 0)
			return r;
	}
	return 0;
}

static int write_at(int fd, const char *data, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pwrite(fd, data, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= n;
		offset += n;
	}
	return 0;
}

int spool_add(struct spool *s, uint64_t offset, const void *data, size_t len)
{
	int r;

	if (offset < s->done)
		return -EINVAL;
	r = skip_to(s, offset);
	if (r == 0)
		r = write_at(s->fd, data, len, s->start + offset);
	return r < 0 ? r : digest(s, data, len);
}

int spool_finish(struct spool *s, uint64_t size_bytes, struct node *node)
{
	int r;

	if (s->done > size_bytes)
		return -EINVAL;
	r = skip_to(s, size_bytes);
	if (r < 0)
		return r;
	if (EVP_DigestFinal_ex(s->sha256, node->sha256, NULL) != 1 ||
	    EVP_DigestFinal_ex(s->md5, node->md5, NULL) != 1)
		return -EIO;
	node->size_bytes = size_bytes;
	node->spool_offset = s->start;
	s->end = s->start + size_bytes;
	/* A file that ends in a hole must be readable up to its end. */
	return ftruncate(s->fd, s->end) < 0 ? -errno : 0;
}

int spool_read(const struct spool *s, const struct node *node, uint64_t offset, void *buf,
	       size_t len)
{
	char *p = buf;

	offset += node->spool_offset;
	while (len) {
		ssize_t n = pread(s->fd, p, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		p += n;
		len -= n;
		offset += n;
	}
	return 0;
}

int spool_read_all(const struct spool *s, const struct node *node, size_t max, char **ret_text,
		   size_t *ret_len)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (node->size_bytes > max)
		return -EFBIG;
	text = malloc(node->size_bytes + 1);
	if (!text)
		return -ENOMEM;
	r = spool_read(s, node, 0, text, node->size_bytes);
	if (r < 0)
		return r;
	text[node->size_bytes] = '\0';
	*ret_text = take_ptr(text);
	*ret_len = node->size_bytes;
	return 0;
}
