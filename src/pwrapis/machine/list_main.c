/*
 * machine-list [ROOT]: prints everything that the machine tells about power.
 * machine-list --table: prints the table of items, for the README.
 * machine-list --make FILE ROOT: makes the machine that FILE describes (fakemachine.h) in a folder.
 *
 * A folder is called a fake root in what is printed: nothing in it was measured.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "base/io.h"
#include "base/str.h"
#include "pwrapis/machine/fakemachine.h"
#include "pwrapis/machine/listing.h"

enum { DESCRIPTION_BYTES = 1 << 20 };

static int make(const char *file, const char *root)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	unsigned line = 0;
	int r = io_read_file(AT_FDCWD, file, DESCRIPTION_BYTES, &text, NULL);

	if (r == 0)
		r = fs_open_root(root, &fd);
	if (r == 0)
		r = fakemachine_make(fd, text, &line);
	if (r < 0)
		fprintf(stderr, "machine-list: cannot make %s in %s: line %u: %s\n", file, root,
			line, strerror(-r));
	return r < 0;
}

static int list(const char *root)
{
	_cleanup_(machine_free_p) struct machine *m = NULL;
	_cleanup_close_ int fd = -1;
	int r = fs_open_root(root, &fd);

	if (r == 0)
		r = machine_new(fd, &m);
	if (r < 0) {
		fprintf(stderr, "machine-list: cannot look at %s: %s\n", root, strerror(-r));
		return 1;
	}
	printf("# %s %s\n", str_equal(root, "/") ? "machine" : "fake root", root);
	listing_print(m, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && str_equal(argv[1], "--make"))
		return make(argv[2], argv[3]);
	if (argc == 2 && str_equal(argv[1], "--table")) {
		listing_print_table(stdout);
		return 0;
	}
	if (argc > 2 || (argc == 2 && *argv[1] == '-')) {
		fprintf(stderr, "usage: machine-list [ROOT] | --table | --make FILE ROOT\n");
		return 2;
	}
	return list(argc == 2 ? argv[1] : "/");
}
