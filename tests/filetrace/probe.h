/*
 * What the checks of capture-probe share: the report, a source, and what came from it as text.
 *
 * Each event is a word or some: "create NAME", "begin NAME w", "end NAME tw", with the letters of
 * what was done (w write, t truncate, m map, a allocate), "rename A B", "exit". Processes that the
 * test is not about are not told of. An inode is told by the name that it had last.
 */
#ifndef TESTS_FILETRACE_PROBE_H
#define TESTS_FILETRACE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "filetrace/sources.h"

/* Prints "ok - ..." or "not ok - ..." and counts it; returns @good. */
bool check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As check(), for a call that returned 0 or a negative errno, which is told when it failed. */
bool check_call(int result, const char *what);

enum { IMAGES_MAX = 1024, TEXT_BYTES = 64 * 1024 };

struct seen_image {
	struct ft_image image;
	char args[FT_ARGS_BYTES + 1];
	uint32_t args_bytes;
};

/* What came since capture_start() or capture_forget(). */
extern char capture_text[TEXT_BYTES];
extern struct ft_begin_event capture_begin; /* the last ones */
extern struct ft_end_event capture_end;
extern struct ft_name_event capture_name;
extern struct ft_meta_event capture_meta;
extern unsigned capture_count; /* of all events */
extern struct source *capture_source;
extern const struct source_ops *capture_ops; /* sources[0] unless it is set before */
extern void (*capture_on_begin)(const struct ft_begin_event *e); /* told of each; may be NULL */

#define PIN_DIR "/sys/fs/bpf"

/* Opens the source; nothing is pinned when @pin_dir is NULL. */
int capture_start(const char *pin_dir, uint32_t ring_bytes, bool *ret_adopted);
void capture_stop(bool keep);
/* Whether it is one of the sources that see files by fanotify, later, and merged. */
bool capture_is_beside(void);
/* Takes in what has come; events of images that are not of @pid or its descendants are left out of
 * the text, unless it is 0. */
void capture_take(pid_t pid);
void capture_forget(void);
const struct seen_image *capture_image(uint64_t id);
/* An argument of an image; "" when there is none. */
const char *capture_arg(uint64_t id, unsigned i);

/* Puts an existing directory or file under watch. */
struct ft_key capture_watch_dir(const char *path, uint32_t flags);
struct ft_key capture_watch_file(const char *path);

/* Runs @fn in a child; its exit status. *@ret_pid is which it was. */
int run_child(void (*fn)(void), pid_t *ret_pid);
/* In a child: ends it when something is not so. */
#define MUST(condition) ((condition) ? (void)0 : must_fail(__FILE__, __LINE__, #condition))
_Noreturn void must_fail(const char *file, int line, const char *condition);

/* Programs within this one: capture-probe --do NAME ARGUMENT... */
int do_main(int argc, char **argv);
_Noreturn void do_exec(const char *name, const char *argument);

void check_operations(const char *dir);
void check_who(const char *dir);
void check_keep(const char *dir);
void measure(const char *dir);

#endif
