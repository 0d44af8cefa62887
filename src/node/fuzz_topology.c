/*
 * Fuzzing topology.c: the input is a tree of /sys, a file a line, "NAME CONTENT".
 */
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "node/topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char top[] = "/tmp/fuzz-topology.XXXXXX";
static int root_fd = -1;

/* Files that the reader looks at, by one letter. */
static const char *const files[] = {
	"online",
	"possible",
	"cpu0/topology/core_cpus_list",
	"cpu1/topology/core_cpus_list",
	"cpu0/topology/physical_package_id",
	"cpu1/topology/physical_package_id",
};

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void clean(void)
{
	nftw(top, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int prepare(void)
{
	if (root_fd >= 0)
		return 0;
	if (!mkdtemp(top) || fs_open_root(top, &root_fd) < 0)
		abort();
	atexit(clean);
	return fs_mkdir(root_fd, "/sys/devices/system/cpu/cpu0/topology", 0755) < 0 ||
	       fs_mkdir(root_fd, "/sys/devices/system/cpu/cpu1/topology", 0755) < 0;
}

static void put(size_t file, const char *content)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s", files[file % ARRAY_SIZE(files)]);
	if (fs_open(root_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &fd) < 0)
		abort();
	io_write_all(fd, content, strlen(content));
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	char *line, *rest = text;
	struct machine m = {};
	struct topology t;

	if (!text || prepare())
		return 0;
	m.root_fd = root_fd;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(i, "");
	memcpy(text, data, size);
	text[size] = '\0';
	while ((line = strsep(&rest, "\n")))
		put((unsigned char)*line, *line ? line + 1 : line);
	if (topology_read(&m, &t) == 0 &&
	    (t.cores > t.online || t.sockets > t.online || t.threads_per_core > t.online))
		abort();
	return 0;
}
