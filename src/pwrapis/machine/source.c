/*
 * Items that are one file; see source.h.
 */
#include "pwrapis/machine/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/str.h"

static int make_path(const struct instance *instance, const char *file,
		     char path[SOURCE_PATH_BYTES])
{
	int n = snprintf(path, SOURCE_PATH_BYTES, *file == '/' ? "%s%s" : "%s/%s",
			 *file == '/' ? "" : instance->path, file);

	return n < 0 || n >= SOURCE_PATH_BYTES ? -ENAMETOOLONG : 0;
}

/* Why a file is not there: this one has none, or this one is gone. */
static int missing(const struct machine *m, const struct instance *instance)
{
	return !*instance->path || fs_exists(m->root_fd, instance->path) > 0 ? -EOPNOTSUPP
									     : -ENODEV;
}

static int open_file(const struct machine *m, const struct instance *instance, const char *file,
		     int flags, int *ret_fd)
{
	char path[SOURCE_PATH_BYTES];
	int r = make_path(instance, file, path);

	/* A pipe that somebody put there must not make us wait. O_PATH takes no such flags. */
	if (!(flags & O_PATH))
		flags |= O_NONBLOCK | O_NOCTTY;
	if (r == 0)
		r = fs_open(m->root_fd, path, flags, 0, ret_fd);
	return r == -ENOENT || r == -ENOTDIR ? missing(m, instance) : r;
}

/* Strips a line of @len bytes in place. -EBADMSG when it is more than a line of ASCII. */
static int make_line(char *line, size_t len)
{
	size_t start = 0;

	while (len && strchr(" \t\n", line[len - 1]) && line[len - 1])
		len--;
	while (start < len && line[start] == ' ')
		start++;
	for (size_t i = start; i < len; i++)
		if ((line[i] < ' ' || line[i] > '~') && line[i] != '\t')
			return -EBADMSG;
	memmove(line, line + start, len - start);
	line[len - start] = '\0';
	return 0;
}

int source_line(const struct machine *m, const struct instance *instance, const char *file,
		char line[SOURCE_BYTES])
{
	_cleanup_close_ int fd = -1;
	size_t len;
	int r = open_file(m, instance, file, O_RDONLY, &fd);

	if (r < 0)
		return r;
	r = io_read_up_to(fd, line, SOURCE_BYTES, &len);
	if (r < 0)
		return r;
	return len == SOURCE_BYTES ? -EFBIG : make_line(line, len);
}

int source_text(const struct machine *m, const struct instance *instance, const char *file,
		char text[POWER_TEXT_BYTES])
{
	char line[SOURCE_BYTES];
	int r = source_line(m, instance, file, line);

	if (r < 0)
		return r;
	if (*line == '<')
		return -EOPNOTSUPP;
	if (!*line || strlen(line) >= POWER_TEXT_BYTES)
		return -EBADMSG;
	strcpy(text, line);
	return 0;
}

int source_parse_number(const char *text, int64_t *ret_number)
{
	bool negative = *text == '-';
	uint64_t number;

	if (*text == '<')
		return -EOPNOTSUPP;
	if (parse_u64(text + negative, 0, INT64_MAX, &number) < 0)
		return -EBADMSG;
	*ret_number = negative ? -(int64_t)number : (int64_t)number;
	return 0;
}

int source_number(const struct machine *m, const struct instance *instance, const char *file,
		  int64_t *ret_number)
{
	char line[SOURCE_BYTES];
	int r = source_line(m, instance, file, line);

	return r < 0 ? r : source_parse_number(line, ret_number);
}

bool source_has(const struct machine *m, const struct instance *instance, const char *file)
{
	char path[SOURCE_PATH_BYTES];

	return make_path(instance, file, path) == 0 && fs_exists(m->root_fd, path) > 0;
}

int source_writable(const struct machine *m, const struct instance *instance, const char *file)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = open_file(m, instance, file, O_PATH, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	/* A device, too: of requests for latency. */
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return -EOPNOTSUPP;
	return st.st_mode & S_IWUSR ? 0 : -EOPNOTSUPP;
}

int source_put(const struct machine *m, const struct instance *instance, const char *file,
	       const char *text)
{
	_cleanup_close_ int fd = -1;
	ssize_t n;
	/* Files of /sys do not care for O_TRUNC; those of a folder that plays one do. */
	int r = open_file(m, instance, file, O_WRONLY | O_TRUNC, &fd);

	if (r < 0)
		return r;
	do
		n = write(fd, text, strlen(text));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == strlen(text) ? 0 : -EIO;
}

bool source_has_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	while (*(line += strspn(line, " \t"))) {
		size_t n = strcspn(line, " \t");
		bool bracket = n > 2 && *line == '[' && line[n - 1] == ']';

		if (n - 2 * bracket == len && memcmp(line + bracket, word, len) == 0)
			return len > 0;
		line += n;
	}
	return false;
}

/* The name of the file with its number put in. */
static int make_file(const struct source *s, const struct instance *instance,
		     char file[SOURCE_PATH_BYTES])
{
	const char *mark = strchr(s->file, '#');
	int number = instance->number[s->number], n;

	if (mark && number < 0)
		return -EOPNOTSUPP;
	if (mark)
		n = snprintf(file, SOURCE_PATH_BYTES, "%.*s%d%s", (int)(mark - s->file), s->file,
			     number, mark + 1);
	else
		n = snprintf(file, SOURCE_PATH_BYTES, "%s", s->file);
	return n < 0 || n >= SOURCE_PATH_BYTES ? -ENAMETOOLONG : 0;
}

static double or_one(double factor)
{
	return factor == 0 ? 1 : factor;
}

double power_item_scale(unsigned number)
{
	const struct power_item *item = power_item(number);
	const struct source *s = item ? item->more : NULL;

	return s ? or_one(s->times) / or_one(s->per) : 1;
}

/* As many of the words as fit. */
static void cut_words(const char *line, char text[POWER_TEXT_BYTES])
{
	size_t len = strlen(line);

	if (len >= POWER_TEXT_BYTES) {
		len = POWER_TEXT_BYTES - 1;
		while (len && line[len] != ' ')
			len--;
	}
	memcpy(text, line, len);
	text[len] = '\0';
}

static int read_words(struct machine *m, const struct instance *instance, const char *file,
		      struct power_value *value)
{
	char line[SOURCE_BYTES];
	int r = source_line(m, instance, file, line);

	if (r < 0)
		return r;
	if (*line == '<')
		return -EOPNOTSUPP;
	cut_words(line, value->text);
	return 0;
}

static int take_number(const struct power_item *item, int64_t number, struct power_value *value)
{
	const struct source *s = item->more;

	if (item->unit == POWER_BOOLEAN && number != 0 && number != 1)
		return -EBADMSG;
	if (number < 0 && !s->negative)
		return -EBADMSG;
	if (number == 0 && s->positive)
		return -ENODATA;
	value->number = number * or_one(s->times) / or_one(s->per);
	return 0;
}

static int read_number(struct machine *m, const struct power_item *item,
		       const struct instance *instance, const char *file, struct power_value *value)
{
	int64_t number;
	int r = source_number(m, instance, file, &number);

	return r < 0 ? r : take_number(item, number, value);
}

int source_read_at(struct machine *m, const struct power_item *item,
		   const struct instance *instance, struct power_value *ret_value)
{
	const struct source *s = item->more;
	struct power_value value = {};
	char file[SOURCE_PATH_BYTES];
	int r = make_file(s, instance, file);

	if (r < 0)
		return r;
	if (item->unit == POWER_TEXT)
		r = source_text(m, instance, file, value.text);
	else if (item->unit == POWER_LIST)
		r = read_words(m, instance, file, &value);
	else
		r = read_number(m, item, instance, file, &value);
	if (r == 0)
		*ret_value = value;
	return r == -EIO && s->fails ? -EOPNOTSUPP : r;
}

static int check_word(struct machine *m, const struct source *s, const struct instance *instance,
		      const char *word)
{
	char line[SOURCE_BYTES];
	int r = s->choices ? source_line(m, instance, s->choices, line) : 0;

	if (r < 0)
		return r;
	if (!*word || strchr(word, ' '))
		return -EINVAL;
	if (s->choices)
		return source_has_word(line, word) ? 0 : -EINVAL;
	for (const char *const *known = s->words; *known; known++)
		if (str_equal(*known, word))
			return 0;
	return -EINVAL;
}

int source_check_at(struct machine *m, const struct power_item *item,
		    const struct instance *instance, const struct power_value *value)
{
	const struct source *s = item->more;
	char file[SOURCE_PATH_BYTES];
	int r = make_file(s, instance, file);

	if (r == 0)
		r = source_writable(m, instance, file);
	if (r < 0)
		return r;
	if (item->unit == POWER_TEXT)
		return check_word(m, s, instance, value->text);
	if (!isfinite(value->number))
		return -EINVAL;
	if (item->unit == POWER_BOOLEAN)
		return value->number == 0 || value->number == 1 ? 0 : -EINVAL;
	/* Without a unit it is a count or a mode. */
	if (item->unit == POWER_NONE && value->number != floor(value->number))
		return -EINVAL;
	return value->number >= s->min && value->number <= s->max ? 0 : -ERANGE;
}

int source_write_at(struct machine *m, const struct power_item *item,
		    const struct instance *instance, const struct power_value *value)
{
	const struct source *s = item->more;
	char file[SOURCE_PATH_BYTES], text[POWER_TEXT_BYTES];
	double number = round(value->number * or_one(s->per) / or_one(s->times));
	int r = make_file(s, instance, file);

	if (r < 0)
		return r;
	if (item->unit == POWER_TEXT)
		return source_put(m, instance, file, value->text);
	if (!(fabs(number) < 0x1p53))
		return -ERANGE;
	snprintf(text, sizeof(text), "%" PRId64, (int64_t)number);
	return source_put(m, instance, file, text);
}

int source_read(struct machine *m, const struct power_item *item, unsigned index,
		struct power_value *ret_value)
{
	return source_read_at(m, item, machine_instance(m, item->domain, index), ret_value);
}

int source_check(struct machine *m, const struct power_item *item, unsigned index,
		 const struct power_value *value)
{
	return source_check_at(m, item, machine_instance(m, item->domain, index), value);
}

int source_write(struct machine *m, const struct power_item *item, unsigned index,
		 const struct power_value *value)
{
	return source_write_at(m, item, machine_instance(m, item->domain, index), value);
}

int machine_words(struct machine *m, unsigned number, unsigned index, char ***ret_words)
{
	const struct power_item *item = power_item(number);
	const struct instance *instance = item ? machine_instance(m, item->domain, index) : NULL;
	char line[SOURCE_BYTES], file[SOURCE_PATH_BYTES];
	int r;

	if (!instance || item->unit != POWER_LIST)
		return -EINVAL;
	r = make_file(item->more, instance, file);
	if (r == 0)
		r = source_line(m, instance, file, line);
	if (r < 0)
		return r;
	return *line == '<' ? -EOPNOTSUPP : str_split(line, ret_words);
}

/* ---- in two steps ---- */

static bool is_one_number(const struct power_item *item)
{
	return item->read == source_read && item->unit != POWER_TEXT && item->unit != POWER_LIST;
}

static int check_regular(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -EOPNOTSUPP;
}

int source_open(const struct machine *m, const struct power_item *item, unsigned index, int *ret_fd)
{
	const struct instance *instance = machine_instance(m, item->domain, index);
	_cleanup_close_ int fd = -1;
	char file[SOURCE_PATH_BYTES];
	int r = is_one_number(item) ? make_file(item->more, instance, file) : -EOPNOTSUPP;

	if (r == 0)
		r = open_file(m, instance, file, O_RDONLY, &fd);
	if (r == 0)
		r = check_regular(fd);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

/* From the start, wherever the descriptor stands. */
static int read_line_at_start(int fd, char line[SOURCE_BYTES])
{
	size_t len = 0;
	ssize_t n;

	do {
		n = pread(fd, line + len, SOURCE_BYTES - len, (off_t)len);
		if (n > 0)
			len += n;
	} while ((n > 0 && len < SOURCE_BYTES) || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	return len == SOURCE_BYTES ? -EFBIG : make_line(line, len);
}

int source_read_open(const struct power_item *item, int fd, struct power_value *ret_value)
{
	struct power_value value = {};
	char line[SOURCE_BYTES];
	int64_t number;
	int r = is_one_number(item) ? check_regular(fd) : -EOPNOTSUPP;

	if (r == 0)
		r = read_line_at_start(fd, line);
	if (r == 0)
		r = source_parse_number(line, &number);
	if (r == 0)
		r = take_number(item, number, &value);
	if (r == 0)
		*ret_value = value;
	return r;
}
