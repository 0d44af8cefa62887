/*
 * Fuzzing dpkg.c: the first byte of the input chooses the parser of the rest.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "dpkg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte that is handed out, so that the sanitizer sees it. */
static int use(const char *text)
{
	static volatile size_t sum;

	sum += text ? strlen(text) : 0;
	return 0;
}

static int on_package(void *data, const struct dpkg_package *p)
{
	return use(p->name) | use(p->version) | use(p->architecture);
}

static int on_conffile(void *data, const struct dpkg_package *p, const char *path,
		       const uint8_t md5[DPKG_MD5_LEN])
{
	return on_package(data, p) | use(path);
}

static int on_path(void *data, const char *path)
{
	return use(path);
}

static int on_md5(void *data, const char *path, const uint8_t md5[DPKG_MD5_LEN])
{
	if (*path != '/')
		abort();
	return use(path);
}

static int on_diversion(void *data, const struct dpkg_diversion *d)
{
	return use(d->from) | use(d->to) | use(d->package);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = size ? malloc(size) : NULL;
	struct err err;

	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0]) {
	case 's':
		dpkg_parse_status(text, "fuzz", on_package, on_conffile, NULL, &err);
		break;
	case 'l':
		dpkg_parse_list(text, "fuzz", on_path, NULL, &err);
		break;
	case 'm':
		dpkg_parse_md5sums(text, "fuzz", on_md5, NULL, &err);
		break;
	case 'd':
		dpkg_parse_diversions(text, "fuzz", on_diversion, NULL, &err);
		break;
	}
	return 0;
}
