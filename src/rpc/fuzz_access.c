/*
 * Fuzzing access.conf and the lists of accounts: the input is the three files of a machine, with a
 * byte 0xff between.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "rpc/access_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		__builtin_trap();
}

/* A copy of the input up to the next 0xff, of its exact size. */
static char *cut(const uint8_t **data, size_t *size, size_t *ret_len)
{
	const uint8_t *end = *size ? memchr(*data, 0xff, *size) : NULL;
	size_t len = end ? (size_t)(end - *data) : *size;
	char *piece = malloc(len ? len : 1);

	must(piece);
	if (len)
		memcpy(piece, *data, len);
	*data += len + (end != NULL);
	*size -= len + (end != NULL);
	*ret_len = len;
	return piece;
}

static void judge(const struct access *a)
{
	gid_t groups[] = {4, 1000, 4294967294};
	struct peer p = {.uid = 1000, .gid = 1000, .groups = groups, .group_count = 3};
	enum access_class many = access_class_of(a, &p), few;

	p.group_count = 0;
	few = access_class_of(a, &p);
	must(few <= many && many <= ACCESS_ADMIN);
	p.uid = 0;
	must(access_class_of(a, &p) == ACCESS_ADMIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(accounts_deinit) struct accounts accounts = {};
	_cleanup_(str_vector_free_p) char **unknown = NULL;
	_cleanup_free_ char *conf = NULL;
	const char *problem = NULL;
	struct access *a = NULL;
	unsigned line;
	size_t len;
	int r;

	conf = cut(&data, &size, &len);
	accounts.texts[ACCOUNT_USER] = cut(&data, &size, &accounts.lens[ACCOUNT_USER]);
	accounts.texts[ACCOUNT_GROUP] = cut(&data, &size, &accounts.lens[ACCOUNT_GROUP]);
	r = access_parse(conf, len, &accounts, &a, &unknown, &line, &problem);
	must((r == 0) == (a != NULL) && (r == 0 || problem));
	if (r == 0)
		judge(a);
	access_free(a);
	return 0;
}
