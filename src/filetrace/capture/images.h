/*
 * Process images as they arrive: an event with the fixed part, and then its arguments in pieces.
 * They are stored when they are whole, and remembered for as long as records may name them, so that
 * it can be told whether a process and all its parents are known.
 */
#ifndef FILETRACE_CAPTURE_IMAGES_H
#define FILETRACE_CAPTURE_IMAGES_H

#include <stdbool.h>

#include "filetrace/record.h"
#include "filetrace/store.h"

enum { IMAGES_KNOWN = 16384 };

struct images;

/* Both borrowed; @boot_id as long as the images live. */
int images_new(struct store *store, const char *boot_id, struct images **ret_images);
void images_free(struct images *i);

/* Takes in FT_IMAGE or FT_ARGS. -EBADMSG for one that makes no sense: the event is left out. */
int images_event(struct images *i, const struct ft_event *event);

/* Whether one has begun whose arguments are still to come. */
bool images_incomplete(const struct images *i);
/* Stores those that are not whole as far as they have come. What is missing may come yet: the
 * kernel sends piece after piece, and is read meanwhile. */
int images_save(struct images *i);

/* full: it and its ancestors, up to the first process or FT_ANCESTRY of them, are known. */
enum attribution images_attribution(struct images *i, uint64_t image);

#endif
