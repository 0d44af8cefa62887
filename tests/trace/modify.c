/*
 * modify WAY PATH [OTHER]: changes a file in one of many ways.
 *
 * Each way is another path into the kernel; what watches files must see them all. Exits with 1, and
 * says why, when a way does not work here. Without arguments all ways are printed. Linked
 * statically, to run in any guest.
 */
#include "modify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"

static const struct way *const tables[] = {data_ways, meta_ways, name_ways, ring_ways};

int modify_result(long result)
{
	return result < 0 ? -errno : 0;
}

int modify_whole(long result, size_t len)
{
	if (result < 0)
		return -errno;
	return (size_t)result == len ? 0 : -EIO;
}

static const struct way *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct way *w = tables[i]; w->name; w++)
			if (strcmp(w->name, name) == 0)
				return w;
	return NULL;
}

static int usage(void)
{
	fputs("usage: modify WAY PATH [OTHER]; ways are:", stderr);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct way *w = tables[i]; w->name; w++)
			fprintf(stderr, " %s", w->name);
	fputc('\n', stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const struct way *way = argc > 2 ? find(argv[1]) : NULL;
	int r;

	if (!way)
		return usage();
	r = way->run(argv[2], argv[3]);
	if (r < 0)
		fprintf(stderr, "modify %s %s: %s\n", argv[1], argv[2], strerror(-r));
	return r < 0;
}
