/*
 * Small trees for tests; see testtree.h.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "build.h"
#include "testtree.h"

char tt_holed[HOLED_BYTES];

/* ---- writing tars and profiles ---- */

struct archive_entry *tt_head(const char *name, unsigned type_and_mode)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_mode(e, type_and_mode);
	archive_entry_set_mtime(e, 1600000000, 5);
	archive_entry_set_size(e, 0);
	return e;
}

void tt_put(struct archive *a, struct archive_entry *e, const void *data, size_t len)
{
	if (data)
		archive_entry_set_size(e, len);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	if (data)
		assert_int_equal(archive_write_data(a, data, len), len);
	archive_entry_free(e);
}

void tt_file(struct archive *a, const char *name, const char *text)
{
	tt_put(a, tt_head(name, S_IFREG | 0644), text, strlen(text));
}

void tt_dir(struct archive *a, const char *name)
{
	tt_put(a, tt_head(name, S_IFDIR | 0755), NULL, 0);
}

void tt_symlink(struct archive *a, const char *name, const char *target)
{
	struct archive_entry *e = tt_head(name, S_IFLNK | 0777);

	archive_entry_set_symlink(e, target);
	tt_put(a, e, NULL, 0);
}

void tt_hardlink(struct archive *a, const char *name, const char *target)
{
	struct archive_entry *e = tt_head(name, S_IFREG | 0644);

	archive_entry_set_hardlink(e, target);
	tt_put(a, e, NULL, 0);
}

struct archive *tt_begin(void)
{
	struct archive *a = archive_write_new();

	assert_int_equal(archive_write_set_format_pax_restricted(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_options(a, "hdrcharset=BINARY"), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(a, "t.tar"), ARCHIVE_OK);
	return a;
}

void tt_finish(struct archive *a)
{
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

void tt_base(struct archive *a)
{
	static const char *const dirs[] = {"etc",     "usr",	      "usr/bin",	  "var",
					   "var/lib", "var/lib/dpkg", "var/lib/dpkg/info"};

	tt_dir(a, "./");
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		tt_dir(a, dirs[i]);
	tt_symlink(a, "./bin", "usr/bin");
	tt_file(a, "./usr/bin/a", "a\n");
	tt_file(a, "./etc/a.conf", "conf\n");
	tt_file(a, "./var/lib/dpkg/info/a:amd64.list",
		"/.\n/etc\n/etc/a.conf\n/usr\n/usr/bin\n/bin/a\n/bin/gone\n");
	tt_file(a, "./var/lib/dpkg/info/a:amd64.md5sums",
		"60b725f10c9c85c70d97880dfe8191b3  bin/a\n");
	tt_file(a, "./var/lib/dpkg/status",
		"Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2~3\n"
		"Conffiles:\n /etc/a.conf b9a771b420047cfaa3543e66c78f44f6\n"
		"Description: a\n .\n b\n");
}

void tt_text(const char *path, const char *text)
{
	assert_int_equal(io_replace_file(AT_FDCWD, path, text, strlen(text), 0644), 0);
}

void tt_profile(const char *conf, const char *rules)
{
	assert_int_equal(system("rm -rf p && mkdir -p p/tree"), 0);
	tt_text("p/profile.conf", conf);
	tt_text("p/rules", rules);
}

int tt_run(const char *output, struct err *err)
{
	const struct build_options o = {
		.tree = "t.tar", .profile = "p", .epoch_s = TT_EPOCH, .output = output};

	err->text[0] = '\0';
	return build(&o, err);
}

/* ---- reading images ---- */

char *tt_output_of(const char *command)
{
	static char buf[1 << 16];
	FILE *f = popen(command, "r");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = '\0';
	if (pclose(f) != 0)
		print_error("%s: %s", command, buf);
	return buf;
}

char *tt_debugfs(const char *request)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "debugfs -R '%s' 'o/image.raw?offset=1048576' 2>/dev/null", request);
	return tt_output_of(command);
}

void tt_assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

void tt_assert_empty_dir(const char *path)
{
	DIR *d = opendir(path);
	unsigned count = 0;

	while (d && readdir(d))
		count++;
	if (d)
		closedir(d);
	assert_true(count == 0 || count == 2);
}

void tt_assert_clean(const char *output)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "e2fsck -fn '%s/image.raw?offset=1048576' >fsck.log 2>&1", output);
	if (system(command) != 0)
		fail_msg("e2fsck: %s", tt_output_of("cat fsck.log"));
}

int tt_setup(void **state)
{
	static char path[32];
	char *env = NULL;

	if (asprintf(&env, "/usr/sbin:/sbin:%s", getenv("PATH")) < 0 || setenv("PATH", env, 1) < 0)
		return -1;
	free(env);
	for (size_t i = 0; i < HOLED_BYTES / 4096; i += 2)
		memset(tt_holed + i * 4096, 1 + i % 255, 4096);
	strcpy(path, "/tmp/test_imager.XXXXXX");
	*state = mkdtemp(path);
	return *state && chdir(path) == 0 ? 0 : -1;
}

int tt_teardown(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", (char *)*state);
	return system(command);
}
