/*
 * Process images as they arrive; see images.h.
 *
 * What is known is a table by id, open addressing over a fixed number of places: an id is a
 * counter, so its lowest bits spread well, and a newer image simply takes the place of an old one.
 * What is not in the table is looked up in the store.
 */
#include "images.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"

_Static_assert((IMAGES_KNOWN & (IMAGES_KNOWN - 1)) == 0, "a power of two");

enum { PARTS = 64 }; /* that can be incomplete at a time */

struct known {
	uint64_t id, parent;
	uint32_t flags;
};

/* One whose arguments are still to come. */
struct part {
	struct ft_image image;
	char *args;
	size_t len;
	bool saved; /* as far as it has come */
};

struct images {
	struct store *store;
	const char *boot_id;
	struct part parts[PARTS];
	unsigned part_count;
	struct known known[IMAGES_KNOWN];
};

int images_new(struct store *store, const char *boot_id, struct images **ret_images)
{
	struct images *i = calloc(1, sizeof(*i));

	if (!i)
		return -ENOMEM;
	i->store = store;
	i->boot_id = boot_id;
	*ret_images = i;
	return 0;
}

void images_free(struct images *i)
{
	if (!i)
		return;
	for (unsigned p = 0; p < i->part_count; p++)
		free(i->parts[p].args);
	free(i);
}

bool images_incomplete(const struct images *i)
{
	return i->part_count > 0;
}

static struct known *place_of(struct images *i, uint64_t id)
{
	return &i->known[id & (IMAGES_KNOWN - 1)];
}

static int save(struct images *i, struct part *part)
{
	struct ft_image image = part->image;

	if (part->saved)
		return 0;
	part->saved = true;
	if (part->len < image.args_bytes)
		image.flags |= FT_IMAGE_ARGS_CUT;
	image.args_bytes = part->len;
	return store_put_image(i->store, i->boot_id, &image, part->args, part->len);
}

/* Stores it as it is, and forgets the part. */
static int finish(struct images *i, struct part *part)
{
	int r = save(i, part);

	free(part->args);
	memmove(part, part + 1, (char *)(i->parts + i->part_count) - (char *)(part + 1));
	i->part_count--;
	return r;
}

int images_save(struct images *i)
{
	int r = 0;

	for (unsigned p = 0; p < i->part_count && r == 0; p++)
		r = save(i, &i->parts[p]);
	return r;
}

static struct part *part_of(struct images *i, uint64_t id)
{
	for (unsigned p = 0; p < i->part_count; p++)
		if (i->parts[p].image.id == id)
			return &i->parts[p];
	return NULL;
}

static int begin(struct images *i, const struct ft_image_event *event)
{
	const struct ft_image *image = &event->image;
	struct part *part;
	char *args;
	int r;

	if (image->id == 0 || image->args_bytes > FT_ARGS_BYTES)
		return -EBADMSG;
	*place_of(i, image->id) = (struct known){image->id, image->parent, image->flags};
	if (image->args_bytes == 0)
		return store_put_image(i->store, i->boot_id, image, NULL, 0);
	if (i->part_count == PARTS) {
		/* Nobody sends so many at a time: the pieces of the oldest got lost. */
		r = finish(i, &i->parts[0]);
		if (r < 0)
			return r;
	}
	args = malloc(image->args_bytes);
	if (!args)
		return -ENOMEM;
	part = &i->parts[i->part_count++];
	*part = (struct part){.image = *image, .args = args};
	part->image.comm[sizeof(part->image.comm) - 1] = '\0';
	part->image.exe[sizeof(part->image.exe) - 1] = '\0';
	return 0;
}

/* The next piece. One that is not the next shows that one got lost: what came after it is no use.
 */
static int go_on(struct images *i, const struct ft_args_event *event)
{
	struct part *part = part_of(i, event->image);

	if (event->len > FT_ARGS_CHUNK)
		return -EBADMSG;
	if (!part || event->offset != part->len || event->len > part->image.args_bytes - part->len)
		return 0;
	memcpy(part->args + part->len, event->bytes, event->len);
	part->len += event->len;
	part->saved = false;
	return part->len == part->image.args_bytes ? finish(i, part) : 0;
}

int images_event(struct images *i, const struct ft_event *event)
{
	struct ft_image_event image = {};

	/* The name of the program is sent as far as it goes. */
	if (event->type == FT_IMAGE && event->size > offsetof(struct ft_image_event, image.exe) &&
	    event->size <= sizeof(image)) {
		memcpy(&image, event, event->size);
		return begin(i, &image);
	}
	if (event->type == FT_ARGS && event->size >= offsetof(struct ft_args_event, bytes) &&
	    event->size >= offsetof(struct ft_args_event, bytes) +
				   ((const struct ft_args_event *)event)->len)
		return go_on(i, (const struct ft_args_event *)event);
	return -EBADMSG;
}

/* From the table or the store; -ENOENT when nobody knows it. */
static int find(struct images *i, uint64_t id, struct known *ret_known)
{
	struct known *place = place_of(i, id);
	struct ft_image image;
	int r;

	if (place->id != id) {
		r = store_get_image(i->store, i->boot_id, id, &image);
		if (r < 0)
			return r;
		*place = (struct known){id, image.parent, image.flags};
	}
	*ret_known = *place;
	return 0;
}

enum attribution images_attribution(struct images *i, uint64_t image)
{
	struct known known;

	if (image == 0 || find(i, image, &known) < 0)
		return image ? ATTRIBUTION_PARTIAL : ATTRIBUTION_NONE;
	for (unsigned depth = 0; depth < FT_ANCESTRY; depth++) {
		if (known.flags & FT_IMAGE_ORPHAN)
			return ATTRIBUTION_PARTIAL;
		if (known.parent == 0)
			return ATTRIBUTION_FULL;
		if (find(i, known.parent, &known) < 0)
			return ATTRIBUTION_PARTIAL;
	}
	return ATTRIBUTION_FULL;
}
