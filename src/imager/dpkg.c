/*
 * Parsing dpkg's database; see dpkg.h.
 */
#include "dpkg.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/def.h"
#include "lines.h"

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

static int parse_md5(const char *text, uint8_t ret_md5[DPKG_MD5_LEN])
{
	uint8_t md5[DPKG_MD5_LEN];

	if (strlen(text) != 2 * DPKG_MD5_LEN)
		return -EINVAL;
	for (size_t i = 0; i < DPKG_MD5_LEN; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		md5[i] = high << 4 | low;
	}
	memcpy(ret_md5, md5, sizeof(md5));
	return 0;
}

/*
 * The status file: paragraphs of `Field: value` lines, those that go on begin with a blank, and
 * an empty line between two paragraphs. Conffiles goes on with one line for each file:
 * " PATH MD5 [obsolete|remove-on-upgrade]", where the MD5 of one not unpacked yet is a word.
 */
struct paragraph {
	struct dpkg_package package;
	char *status, *conffiles; /* what goes on behind the line of that field */
	unsigned conffiles_line;
};

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	{"Package", offsetof(struct paragraph, package.name)},
	{"Version", offsetof(struct paragraph, package.version)},
	{"Architecture", offsetof(struct paragraph, package.architecture)},
	{"Status", offsetof(struct paragraph, status)},
};

static int parse_field(struct paragraph *p, char *line)
{
	char *value = strchr(line, ':');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (strcmp(fields[i].name, line) == 0)
			*(char **)((char *)p + fields[i].offset) = lines_trim(value);
	return 0;
}

/* The third word of Status; in these three states no file of the package is there. */
static bool is_installed(char *status)
{
	static const char *const absent[] = {"not-installed", "config-files", "half-installed"};
	char *word = NULL;

	for (int i = 0; i < 3; i++) {
		word = lines_word(&status);
		if (!word)
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		if (strcmp(word, absent[i]) == 0)
			return false;
	return true;
}

static int parse_conffile(const struct paragraph *p, char *line, dpkg_conffile_fn on_conffile,
			  void *data)
{
	uint8_t md5[DPKG_MD5_LEN];
	char *path = lines_trim(line), *sum = strchr(path, ' ');

	if (*path != '/' || !sum)
		return -EINVAL;
	*sum++ = '\0';
	sum = lines_word(&sum);
	if (!sum || parse_md5(sum, md5) < 0)
		return 0;
	return on_conffile(data, &p->package, path, md5);
}

/* One paragraph, up to the empty line or the end. Conffiles are kept for when all is known. */
static int read_paragraph(struct lines *lines, struct paragraph *ret_p, const char *file,
			  struct err *err)
{
	struct paragraph p = {};
	bool in_conffiles = false;
	char *line;

	while (lines_next(lines, &line) && *line) {
		if (*line == ' ' || *line == '\t') {
			/* lines_next() cut the line before off: the list becomes one text again. */
			if (in_conffiles && p.conffiles != line)
				line[-1] = '\n';
			continue;
		}
		in_conffiles = strncmp(line, "Conffiles:", 10) == 0;
		if (in_conffiles) {
			p.conffiles = lines->next;
			p.conffiles_line = lines->number;
			if (*lines->next != ' ')
				p.conffiles = NULL;
		} else if (parse_field(&p, line) < 0) {
			return err_set(err, -EINVAL, "%s:%u: not a field", file, lines->number);
		}
		in_conffiles = in_conffiles && p.conffiles;
	}
	*ret_p = p;
	return 0;
}

static int report_paragraph(struct paragraph *p, const char *file, dpkg_package_fn on_package,
			    dpkg_conffile_fn on_conffile, void *data, struct err *err)
{
	struct lines lines;
	char *line;
	int r;

	if (!p->package.name || !p->status)
		return err_set(err, -EINVAL, "%s: a paragraph without Package and Status", file);
	if (!p->package.version)
		p->package.version = "-";
	if (!p->package.architecture)
		p->package.architecture = "-";
	p->package.installed = is_installed(p->status);
	r = on_package(data, &p->package);
	if (r < 0 || !p->conffiles)
		return r;
	lines_init(&lines, p->conffiles);
	while (r == 0 && lines_next(&lines, &line)) {
		r = parse_conffile(p, line, on_conffile, data);
		if (r == -EINVAL)
			err_set(err, r, "%s:%u: not a configuration file", file,
				p->conffiles_line + lines.number);
	}
	return r;
}

int dpkg_parse_status(char *text, const char *file, dpkg_package_fn on_package,
		      dpkg_conffile_fn on_conffile, void *data, struct err *err)
{
	struct lines lines;
	int r = 0;

	lines_init(&lines, text);
	while (r == 0 && *lines.next) {
		struct paragraph p;

		if (*lines.next == '\n') {
			lines.next++;
			lines.number++;
			continue;
		}
		r = read_paragraph(&lines, &p, file, err);
		if (r == 0)
			r = report_paragraph(&p, file, on_package, on_conffile, data, err);
	}
	return r;
}

int dpkg_parse_list(char *text, const char *file, dpkg_path_fn on_path, void *data, struct err *err)
{
	struct lines lines;
	char *line;
	int r = 0;

	lines_init(&lines, text);
	while (r == 0 && lines_next(&lines, &line)) {
		if (*line != '/')
			return err_set(err, -EINVAL, "%s:%u: not an absolute path", file,
				       lines.number);
		r = on_path(data, line);
	}
	return r;
}

/* `MD5  PATH`, the path without its first slash. */
int dpkg_parse_md5sums(char *text, const char *file, dpkg_md5_fn on_md5, void *data,
		       struct err *err)
{
	struct lines lines;
	char *line;
	int r = 0;

	lines_init(&lines, text);
	while (r == 0 && lines_next(&lines, &line)) {
		uint8_t md5[DPKG_MD5_LEN];
		char *path = strchr(line, ' ');

		if (!path)
			return err_set(err, -EINVAL, "%s:%u: not `MD5 PATH`", file, lines.number);
		*path++ = '\0';
		path += strspn(path, " *");
		if (parse_md5(line, md5) < 0 || !*path)
			return err_set(err, -EINVAL, "%s:%u: not `MD5 PATH`", file, lines.number);
		/* Some packages write ./PATH. */
		path += strncmp(path, "./", 2) == 0 ? 2 : 0;
		path -= *path != '/';
		*path = '/';
		r = on_md5(data, path, md5);
	}
	return r;
}

/* Three lines each: from, to, and the package whose file is left alone (":" for none). */
int dpkg_parse_diversions(char *text, const char *file, dpkg_diversion_fn on_diversion, void *data,
			  struct err *err)
{
	struct lines lines;
	char *from, *to, *package;
	int r = 0;

	lines_init(&lines, text);
	while (r == 0 && lines_next(&lines, &from)) {
		struct dpkg_diversion d;

		if (!lines_next(&lines, &to) || !lines_next(&lines, &package) || *from != '/' ||
		    *to != '/')
			return err_set(err, -EINVAL, "%s:%u: not a diversion", file, lines.number);
		d = (struct dpkg_diversion){from, to, strcmp(package, ":") == 0 ? NULL : package};
		r = on_diversion(data, &d);
	}
	return r;
}
