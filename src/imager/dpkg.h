/*
 * The formats of dpkg's database, as far as ownership of files goes: dpkg(1), deb-md5sums(5),
 * deb-conffiles(5), and lib/dpkg's own status, list and diversions files.
 *
 * Each parser cuts the text it is given into pieces and hands what it finds to a callback; a
 * callback's negative result ends it. @file names the text in messages.
 */
#ifndef IMAGER_DPKG_H
#define IMAGER_DPKG_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

#define DPKG_MD5_LEN 16

struct dpkg_package {
	const char *name, *version, *architecture;
	bool installed; /* some of its files are there, not only its configuration */
};

struct dpkg_diversion {
	const char *from, *to;
	const char *package; /* whose file stays where it is; NULL: nobody's does */
};

/* In the order of the status file: a package, then its configuration files. */
typedef int (*dpkg_package_fn)(void *data, const struct dpkg_package *package);
typedef int (*dpkg_conffile_fn)(void *data, const struct dpkg_package *package, const char *path,
				const uint8_t md5[DPKG_MD5_LEN]);
int dpkg_parse_status(char *text, const char *file, dpkg_package_fn on_package,
		      dpkg_conffile_fn on_conffile, void *data, struct err *err);

/* Absolute paths, as the package spells them ("/." for the root). */
typedef int (*dpkg_path_fn)(void *data, const char *path);
int dpkg_parse_list(char *text, const char *file, dpkg_path_fn on_path, void *data,
		    struct err *err);

typedef int (*dpkg_md5_fn)(void *data, const char *path, const uint8_t md5[DPKG_MD5_LEN]);
int dpkg_parse_md5sums(char *text, const char *file, dpkg_md5_fn on_md5, void *data,
		       struct err *err);

typedef int (*dpkg_diversion_fn)(void *data, const struct dpkg_diversion *diversion);
int dpkg_parse_diversions(char *text, const char *file, dpkg_diversion_fn on_diversion, void *data,
			  struct err *err);

#endif
