/*
 * Small files and lines of tests; see testfile.h.
 */
#include "leo/testfile.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "base/def.h"
#include "base/io.h"
#include "base/str.h"

enum { BYTES_MAX = 1024 * 1024 };

char *testfile_join(const char *a, const char *b)
{
	char *text;

	if (asprintf(&text, "%s%s", a, b) < 0)
		err(1, "memory");
	return text;
}

static char *path_of(const char *dir, const char *name)
{
	_cleanup_free_ char *folder = testfile_join(dir, "/");

	return testfile_join(folder, name);
}

char *testfile_read(const char *dir, const char *name)
{
	_cleanup_free_ char *path = path_of(dir, name);
	char *text;
	int r = io_read_file(AT_FDCWD, path, BYTES_MAX, &text, NULL);

	if (r < 0 && r != -ENOENT)
		errx(1, "%s: %s", path, strerror(-r));
	return r < 0 ? NULL : text;
}

bool testfile_exists(const char *dir, const char *name)
{
	_cleanup_free_ char *path = path_of(dir, name);

	return access(path, F_OK) == 0;
}

unsigned testfile_number(const char *dir, const char *name)
{
	_cleanup_free_ char *text = testfile_read(dir, name);

	return text ? strtoul(text, NULL, 10) : 0;
}

void testfile_write(const char *dir, const char *name, const char *text)
{
	_cleanup_free_ char *path = path_of(dir, name);
	_cleanup_fclose_ FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0)
		err(1, "%s", path);
}

char *testfile_replace(const char *text, const char *from, const char *to)
{
	struct strbuf b = {};
	char *result;
	const char *at;

	while ((at = strstr(text, from))) {
		strbuf_addf(&b, "%.*s%s", (int)(at - text), text, to);
		text = at + strlen(from);
	}
	strbuf_addf(&b, "%s", text);
	if (strbuf_steal(&b, &result) < 0)
		err(1, "memory");
	return result;
}

size_t testfile_split(char *line, char *words[TESTFILE_WORDS_MAX + 1])
{
	size_t count = 0;

	while (*line) {
		bool quoted = *line == '\'';
		char *end;

		if (isspace((unsigned char)*line)) {
			line++;
			continue;
		}
		if (count == TESTFILE_WORDS_MAX)
			errx(1, "too many words");
		line += quoted;
		end = line + strcspn(line, quoted ? "'" : " \n");
		words[count++] = line;
		line = end + (*end != '\0');
		*end = '\0';
	}
	words[count] = NULL;
	return count;
}

void testfile_tool(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		errx(1, "%s %s failed", argv[0], argv[1]);
}
