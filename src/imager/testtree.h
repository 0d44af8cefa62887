/*
 * For the tests of whole builds: writing trees and profiles, running a build, reading an image.
 *
 * All of it happens in a directory of its own, which is the current one; a failure of these
 * functions themselves fails the test.
 */
#ifndef IMAGER_TESTTREE_H
#define IMAGER_TESTTREE_H

#include <stddef.h>

#include "err.h"

#define TT_EPOCH 1700000000
#define TT_PROFILE "size = 64M\nlabel = test\npartition = test-root\n"
#define TT_RULES "step dpkg /var/** /var\nstep usr /bin\n"

#define HOLED_BYTES (3000 * 4096)

struct archive;
struct archive_entry;

/* Every second block is zero. */
extern char tt_holed[HOLED_BYTES];

/* Of a group of tests: makes and removes the directory. */
int tt_setup(void **state);
int tt_teardown(void **state);

/* An entry to be filled and handed to tt_put(), which takes it. */
struct archive_entry *tt_head(const char *name, unsigned type_and_mode);
void tt_put(struct archive *a, struct archive_entry *e, const void *data, size_t len);
void tt_file(struct archive *a, const char *name, const char *text);
void tt_dir(struct archive *a, const char *name);
void tt_symlink(struct archive *a, const char *name, const char *target);
void tt_hardlink(struct archive *a, const char *name, const char *target);

/* Writes t.tar. */
struct archive *tt_begin(void);
void tt_finish(struct archive *a);

/* dpkg's database of one package, `a`, whose file /usr/bin/a has the content "a\n". */
void tt_base(struct archive *a);

void tt_text(const char *path, const char *text);

/* Writes the profile p: its profile.conf, its rules and an empty tree/. */
void tt_profile(const char *conf, const char *rules);

/* Builds t.tar with the profile p. */
int tt_run(const char *output, struct err *err);

/* What a command prints, in a buffer of this function. */
char *tt_output_of(const char *command);
/* The answer of debugfs about o/image.raw. */
char *tt_debugfs(const char *request);

void tt_assert_contains(const char *text, const char *part);
/* There is nothing in @path, or no such directory. */
void tt_assert_empty_dir(const char *path);
/* e2fsck finds nothing in image.raw of @output. */
void tt_assert_clean(const char *output);

#endif
