/*
 * The steps of a build, in their order; see build.h.
 */
#include "build.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/def.h"
#include "dpkgdb.h"
#include "escape.h"
#include "ext4.h"
#include "gpt.h"
#include "manifest.h"
#include "origin.h"
#include "output.h"
#include "overlay.h"
#include "profile.h"
#include "rules.h"
#include "spool.h"
#include "tar.h"
#include "tree.h"

struct job {
	const struct build_options *options;
	struct err *err;
	struct timespec start;
	int profile_fd;
	struct profile profile;
	struct rules rules;
	struct output output;
	struct spool spool;
	struct tree tree;
	struct dpkgdb db;
	struct manifest manifest;
};

static void job_deinit(struct job *j)
{
	manifest_deinit(&j->manifest);
	tree_deinit(&j->tree);
	dpkgdb_deinit(&j->db);
	spool_deinit(&j->spool);
	output_close(&j->output);
	rules_deinit(&j->rules);
	if (j->profile_fd >= 0)
		close(j->profile_fd);
}

__attribute__((format(printf, 2, 3))) static void progress(const struct job *j, const char *format,
							   ...)
{
	struct timespec now;
	va_list ap;

	if (!j->options->verbose)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(stderr, "imager: %6.2f s  ",
		(now.tv_sec - j->start.tv_sec) + (now.tv_nsec - j->start.tv_nsec) / 1e9);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static int load_rules(struct job *j)
{
	_cleanup_free_ char *own = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < j->options->rules_count; i++)
		r = rules_load(&j->rules, AT_FDCWD, j->options->rules[i], j->options->rules[i],
			       true, j->err);
	if (r < 0)
		return r;
	if (asprintf(&own, "%s/rules", j->options->profile) < 0)
		return err_oom(j->err);
	return rules_load(&j->rules, j->profile_fd, "rules", own, false, j->err);
}

static int load_profile(struct job *j)
{
	int r;

	j->profile_fd = open(j->options->profile, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->profile_fd < 0)
		return err_errno(j->err, -errno, "cannot open the profile %s", j->options->profile);
	r = profile_load(j->profile_fd, j->options->profile, &j->profile, j->err);
	return r < 0 ? r : load_rules(j);
}

static int read_tree(struct job *j)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (strcmp(j->options->tree, "-") == 0)
		fd = dup(STDIN_FILENO);
	else
		fd = open(j->options->tree, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(j->err, -errno, "cannot open the tree %s", j->options->tree);
	r = spool_init(&j->spool, j->output.dirfd);
	if (r < 0)
		return err_errno(j->err, r, "cannot create a file in %s", j->options->output);
	r = tar_read(fd, j->options->epoch_s, j->profile.size_bytes, &j->tree, &j->spool, j->err);
	if (r < 0)
		return r;
	progress(j, "read %zu paths, %" PRIu64 " MiB", j->tree.count, j->spool.end >> 20);
	return overlay_read(j->profile_fd, j->options->profile, j->options->epoch_s, &j->tree,
			    &j->spool, j->err);
}

/* Rules of a profile are its own business; of shared ones many fit other images only. */
static void note_unused(const struct job *j)
{
	size_t shared = 0;

	for (const struct rule *r = j->rules.rules; r < j->rules.rules + j->rules.count; r++) {
		if (r->used)
			continue;
		shared += r->shared;
		if (r->shared && !j->options->verbose)
			continue;
		fprintf(stderr, "imager: note: %s:%u: this rule explains nothing: %s %s\n", r->file,
			r->line, rule_kind_name(r->kind), r->name);
	}
	if (shared && !j->options->verbose)
		fprintf(stderr,
			"imager: note: %zu shared rules explain nothing here "
			"(--verbose lists them)\n",
			shared);
}

static int explain_tree(struct job *j)
{
	int r = dpkgdb_read(&j->db, &j->tree, &j->spool, j->err);

	if (r == 0)
		r = origin_trim(&j->tree, &j->rules, j->options->epoch_s, j->err);
	if (r == 0)
		r = tree_seal(&j->tree, j->err);
	if (r < 0)
		return r;
	r = origin_assign(&j->tree, &j->rules, j->err);
	note_unused(j);
	if (r == 0)
		r = manifest_make(&j->manifest, &j->tree, &j->db, &j->profile, j->options->epoch_s,
				  j->err);
	if (r == 0)
		progress(j, "explained %zu paths of %zu packages", j->tree.count,
			 j->db.package_count);
	return r;
}

static int write_image(struct job *j)
{
	const struct gpt gpt = {.size_bytes = j->profile.size_bytes,
				.disk = j->manifest.disk,
				.partition = j->manifest.partition,
				.name = j->profile.partition};
	const struct ext4_spec spec = {.offset_bytes = gpt_partition_offset(&gpt),
				       .size_bytes = gpt_partition_size(&gpt),
				       .uuid = j->manifest.filesystem,
				       .hash_seed = j->manifest.hash_seed,
				       .label = j->profile.label,
				       .inodes = j->profile.inodes,
				       .epoch_s = j->options->epoch_s};
	int fd = j->output.fds[OUTPUT_IMAGE], r;

	if (ftruncate(fd, gpt.size_bytes) < 0)
		return err_errno(j->err, -errno, "cannot make an image of %" PRIu64 " bytes",
				 gpt.size_bytes);
	r = ext4_make(fd, &spec, j->err);
	if (r == 0)
		r = ext4_populate(fd, &spec, &j->tree, &j->spool, j->err);
	if (r < 0)
		return r;
	r = gpt_write(fd, &gpt);
	return r < 0 ? err_errno(j->err, r, "cannot write the partition table") : 0;
}

static int write_outputs(struct job *j)
{
	int r = output_create(&j->output, j->err);

	if (r == 0)
		r = write_image(j);
	if (r < 0)
		return r;
	progress(j, "wrote the file system");
	r = manifest_write(&j->manifest, &j->profile, j->output.fds[OUTPUT_MANIFEST]);
	if (r < 0)
		return err_errno(j->err, r, "cannot write the manifest");
	r = output_publish(&j->output, j->err);
	if (r == 0)
		progress(j, "done");
	return r;
}

int build(const struct build_options *options, struct err *err)
{
	_cleanup_(job_deinit) struct job j = {.options = options,
					      .err = err,
					      .profile_fd = -1,
					      .output = OUTPUT_INIT,
					      .spool = SPOOL_INIT};
	int r;

	clock_gettime(CLOCK_MONOTONIC, &j.start);
	r = load_profile(&j);
	if (r == 0)
		r = output_open(&j.output, options->output, err);
	if (r == 0)
		r = read_tree(&j);
	if (r == 0)
		r = explain_tree(&j);
	return r < 0 ? r : write_outputs(&j);
}
