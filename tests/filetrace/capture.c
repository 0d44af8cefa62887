/*
 * A source, and what comes from it as text; see probe.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/def.h"
#include "probe.h"

char capture_text[TEXT_BYTES];
struct ft_begin_event capture_begin;
struct ft_end_event capture_end;
struct ft_name_event capture_name;
struct ft_meta_event capture_meta;
unsigned capture_count;
struct source *capture_source;
void (*capture_on_begin)(const struct ft_begin_event *e);

static const struct source_ops *const ops = &source_lsm;
static struct seen_image *images[IMAGES_MAX];
static size_t image_count;
static pid_t only;

/* Names of inodes, the last ones seen. */
static struct {
	struct ft_key key;
	char name[FT_NAME_BYTES];
} names[512];
static size_t name_count;

int capture_start(const char *pin_dir, uint32_t ring_bytes, bool *ret_adopted)
{
	struct source_config config = {
		.root_fd = open("/", O_PATH | O_CLOEXEC),
		.boot_id = "boot",
		.pin_dir = pin_dir,
		.ring_bytes = ring_bytes,
	};
	const char *reason = "";
	bool adopted = false;
	int r;

	r = ops->open(&config, &capture_source, &adopted, &reason);
	close(config.root_fd);
	if (r < 0)
		printf("# %s\n", reason);
	if (ret_adopted)
		*ret_adopted = adopted;
	return r;
}

void capture_stop(bool keep)
{
	ops->close(capture_source, keep);
	capture_source = NULL;
}

void capture_forget(void)
{
	capture_text[0] = '\0';
	capture_count = 0;
}

const struct seen_image *capture_image(uint64_t id)
{
	for (size_t i = 0; i < image_count; i++)
		if (images[i]->image.id == id)
			return images[i];
	return NULL;
}

const char *capture_arg(uint64_t id, unsigned i)
{
	const struct seen_image *image = capture_image(id);
	const char *p;

	if (!image)
		return "";
	p = image->args;
	while (i-- && p < image->args + image->args_bytes)
		p += strlen(p) + 1;
	return p < image->args + image->args_bytes ? p : "";
}

/* Whether the image is one that the text tells of. */
static bool is_ours(uint64_t id)
{
	const struct seen_image *image;

	if (!only)
		return true;
	for (unsigned i = 0; i < FT_ANCESTRY && (image = capture_image(id)); i++) {
		if (image->image.pid == (uint32_t)only)
			return true;
		id = image->image.parent;
	}
	return false;
}

static const char *name_of(const struct ft_key *key)
{
	for (size_t i = name_count; i--;)
		if (!memcmp(&names[i].key, key, sizeof(*key)))
			return names[i].name;
	return "?";
}

static void name_is(const struct ft_key *key, const char *name)
{
	size_t i = 0;

	while (i < name_count && memcmp(&names[i].key, key, sizeof(*key)))
		i++;
	if (i == ARRAY_SIZE(names))
		i = name_count = 0;
	if (i == name_count)
		name_count++;
	names[i].key = *key;
	snprintf(names[i].name, sizeof(names[i].name), "%s", name);
}

__attribute__((format(printf, 2, 3))) static void say(uint64_t image, const char *format, ...)
{
	size_t len = strlen(capture_text);
	va_list args;

	if (!is_ours(image) || len + 600 > sizeof(capture_text))
		return;
	if (len)
		len += snprintf(capture_text + len, 3, ", ");
	va_start(args, format);
	vsnprintf(capture_text + len, sizeof(capture_text) - len, format, args);
	va_end(args);
}

static const char *letters(uint32_t bits, const char *all)
{
	static char text[16];
	size_t n = 0;

	for (unsigned i = 0; all[i]; i++)
		if (bits & 1U << i)
			text[n++] = all[i];
	text[n] = '\0';
	return text;
}

static void take_image(const struct ft_image_event *e)
{
	struct seen_image *image = (void *)capture_image(e->image.id);

	if (!image && image_count < IMAGES_MAX) {
		image = calloc(1, sizeof(*image));
		images[image_count++] = image;
	}
	if (image)
		image->image = e->image;
}

static void take_args(const struct ft_args_event *e)
{
	struct seen_image *image = (void *)capture_image(e->image);

	if (!image || e->offset + e->len > FT_ARGS_BYTES) {
		say(0, "arguments of nobody");
		return;
	}
	memcpy(image->args + e->offset, e->bytes, e->len);
	if (image->args_bytes < e->offset + e->len)
		image->args_bytes = e->offset + e->len;
}

static void take_name(const struct ft_name_event *e)
{
	static const char *const words[] = {
		[FT_NAME_CREATE] = "create", [FT_NAME_UNLINK] = "unlink",
		[FT_NAME_RENAME] = "rename", [FT_NAME_EXCHANGE] = "exchange",
		[FT_NAME_LINK] = "link",     [FT_NAME_SYMLINK] = "symlink",
		[FT_NAME_MKDIR] = "mkdir",   [FT_NAME_RMDIR] = "rmdir",
	};
	bool two = e->op == FT_NAME_RENAME || e->op == FT_NAME_EXCHANGE || e->op == FT_NAME_LINK;

	capture_name = *e;
	name_is(&e->inode, two ? e->to.name : e->place.name);
	say(e->actor.image, "%s %s%s%s%s%s", words[e->op], e->place.name, two ? " " : "",
	    two ? e->to.name : "", e->op == FT_NAME_RENAME && e->victim.ino ? " over " : "",
	    e->op == FT_NAME_RENAME && e->victim.ino ? name_of(&e->victim) : "");
	if (e->op == FT_NAME_EXCHANGE)
		name_is(&e->victim, e->place.name);
}

static void take_begin(const struct ft_begin_event *e)
{
	capture_begin = *e;
	if (capture_on_begin)
		capture_on_begin(e);
	name_is(&e->inode, e->place.name);
	say(e->actor.image, "begin %s %s", e->place.name, letters(e->ops, "wtma"));
}

static void take_end(const struct ft_end_event *e)
{
	capture_end = *e;
	say(e->image, "end %s %s%s%s", name_of(&e->inode), letters(e->ops, "wtma"),
	    e->last_image ? " by another" : "", e->others ? " others" : "");
}

static int take(void *data, const struct ft_event *event)
{
	const void *e = event;

	switch (event->type) {
	case FT_IMAGE:
		take_image(e);
		return 0;
	case FT_ARGS:
		take_args(e);
		return 0;
	case FT_BEGIN:
		take_begin(e);
		break;
	case FT_END:
		take_end(e);
		break;
	case FT_META:
		capture_meta = *(const struct ft_meta_event *)e;
		name_is(&capture_meta.inode, capture_meta.place.name);
		say(capture_meta.actor.image, "meta %s %s", capture_meta.place.name,
		    letters(capture_meta.what, "motxaf"));
		break;
	case FT_NAME:
		take_name(e);
		break;
	case FT_EXIT:
		say(((const struct ft_exit_event *)e)->image, "%s",
		    ((const struct ft_exit_event *)e)->next ? "exec" : "exit");
		break;
	case FT_MOUNT:
		say(((const struct ft_mount_event *)e)->actor.image, "%s",
		    ((const struct ft_mount_event *)e)->unmount ? "unmount" : "mount");
		break;
	}
	capture_count++;
	return 0;
}

void capture_take(pid_t pid)
{
	only = pid;
	while (ops->read(capture_source, 100, take, NULL) > 0)
		ops->commit(capture_source);
}

struct ft_key capture_watch_dir(const char *path, uint32_t flags)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ft_key key = {0};

	check_call(fd < 0 ? -errno : ops->watch_dir(capture_source, fd, flags, &key),
		   "a directory comes under watch");
	close(fd);
	return key;
}

struct ft_key capture_watch_file(const char *path)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct ft_key key = {0};

	check_call(fd < 0 ? -errno : ops->watch_inode(capture_source, fd, &key),
		   "a file comes under watch");
	close(fd);
	return key;
}
