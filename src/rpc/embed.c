/*
 * rpc-embed FILE.varlink SYMBOL OUT.c: an interface file as a C string, at build time.
 *
 * The file is parsed as strictly as the build asks (idl.h) and must be named after its interface;
 * what is wrong is printed as FILE:LINE:COLUMN: PROBLEM. Exit status: 0, 1 refused or failed, 2
 * wrong usage. Nothing is written then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/def.h"
#include "base/io.h"
#include "rpc/idl.h"

static const char suffix[] = ".varlink";

/* Whether the last part of @path is @name and the suffix. */
static bool is_named(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	size_t len = strlen(name);

	return strncmp(file, name, len) == 0 && strcmp(file + len, suffix) == 0;
}

/* Reads and checks; says itself what is wrong. */
static int load(const char *path, struct idl **ret_idl)
{
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	_cleanup_free_ char *text = NULL, *problem = NULL;
	size_t len;
	int r = io_read_file(AT_FDCWD, path, IDL_BYTES_MAX + 1, &text, &len);

	if (r == 0)
		r = idl_parse(text, len, true, &idl, &problem);
	if (r < 0) {
		fprintf(stderr, problem ? "%s:%s\n" : "%s: %s\n", path,
			problem ? problem : strerror(-r));
		return r;
	}
	if (!is_named(path, idl->name)) {
		fprintf(stderr, "%s:1:1: the file of %s is not named %s%s\n", path, idl->name,
			idl->name, suffix);
		return -EINVAL;
	}
	*ret_idl = take_ptr(idl);
	return 0;
}

static void put_byte(FILE *f, unsigned char c)
{
	/* Of two question marks a trigraph could be made. */
	if (c == '"' || c == '\\' || c == '?')
		fprintf(f, "\\%c", c);
	else if (c == '\n')
		fputs("\\n", f);
	else if (c < 0x20 || c > 0x7e)
		/* Three digits, so that a digit behind it is none of it. */
		fprintf(f, "\\%03o", c);
	else
		fputc(c, f);
}

/* One literal a line; an empty one where there is nothing left would be no harm, but is not made.
 */
static void put_text(FILE *f, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (p == text || p[-1] == '\n')
			fputs("\n\t\"", f);
		put_byte(f, *p);
		if (*p == '\n' || !p[1])
			fputc('"', f);
	}
}

static int make_source(const struct idl *idl, const char *symbol, char **ret_source,
		       size_t *ret_len)
{
	_cleanup_free_ char *source = NULL;
	size_t len;
	FILE *f = open_memstream(&source, &len);
	bool failed;

	if (!f)
		return -ENOMEM;
	fprintf(f, "/* The text of %s, made by rpc-embed. */\n", idl->name);
	fprintf(f, "extern const char %s[];\nconst char %s[] =", symbol, symbol);
	put_text(f, idl->text);
	fputs(";\n", f);
	failed = ferror(f);
	if (fclose(f) != 0 || failed)
		return -ENOMEM;
	*ret_source = take_ptr(source);
	*ret_len = len;
	return 0;
}

static bool is_symbol(const char *s)
{
	static const char bytes[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

	return (*s < '0' || *s > '9') && *s && s[strspn(s, bytes)] == '\0';
}

int main(int argc, char **argv)
{
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	_cleanup_free_ char *source = NULL;
	size_t len;
	int r;

	if (argc != 4 || !is_symbol(argv[2])) {
		fputs("Usage: rpc-embed FILE.varlink SYMBOL OUT.c\n", stderr);
		return 2;
	}
	if (load(argv[1], &idl) < 0)
		return 1;
	r = make_source(idl, argv[2], &source, &len);
	if (r == 0)
		r = io_replace_file(AT_FDCWD, argv[3], source, len, 0644);
	if (r < 0)
		fprintf(stderr, "%s: %s\n", argv[3], strerror(-r));
	return r < 0;
}
