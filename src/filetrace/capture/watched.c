/*
 * What the source has been given, to know what to take away; see resolveint.h.
 */
#include "filetrace/capture/resolveint.h"

#include <errno.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"

static uint64_t hash_of_stat(const struct stat *st)
{
	return hashmap_hash(&st->st_dev, sizeof(st->st_dev),
			    hashmap_hash(&st->st_ino, sizeof(st->st_ino), 0));
}

struct watched_dir *watched_find(const struct resolve *r, const struct stat *st)
{
	struct hashmap_link *l = hashmap_first(&r->by_stat, hash_of_stat(st));

	for (; l; l = hashmap_next(l)) {
		struct watched_dir *d = hashmap_item(l, struct watched_dir, by_stat);

		if (d->dev == st->st_dev && d->ino == st->st_ino)
			return d;
	}
	return NULL;
}

int watched_make(struct resolve *r, const struct stat *st, struct watched_dir **ret_dir)
{
	struct watched_dir *d = watched_find(r, st);

	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return -ENOMEM;
		d->dev = st->st_dev;
		d->ino = st->st_ino;
		list_init(&d->names);
		hashmap_add(&r->by_stat, &d->by_stat, hash_of_stat(st));
		list_add_last(&r->dirs, &d->link);
		r->dir_count++;
	}
	d->run = r->run;
	*ret_dir = d;
	return 0;
}

void watched_free_name(struct watched_name *n)
{
	list_remove(&n->link);
	free(n);
}

void watched_free(struct resolve *r, struct watched_dir *d)
{
	struct watched_name *n;

	for (list_each(n, &d->names, link))
		watched_free_name(n);
	hashmap_remove(&r->by_stat, &d->by_stat);
	list_remove(&d->link);
	r->dir_count--;
	free(d);
}

static struct watched_name *find_name(struct watched_dir *d, const char *name)
{
	struct watched_name *n;

	for (list_each(n, &d->names, link))
		if (str_equal(n->name, name))
			return n;
	return NULL;
}

int watched_make_name(struct watched_dir *d, const char *name, struct watched_name **ret_name)
{
	struct watched_name *n = find_name(d, name);

	if (!n) {
		n = calloc(1, sizeof(*n) + strlen(name) + 1);
		if (!n)
			return -ENOMEM;
		strcpy(n->name, name);
		list_add_last(&d->names, &n->link);
	}
	*ret_name = n;
	return 0;
}
