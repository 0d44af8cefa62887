/*
 * The manual page: a template, in which the line "@commands@" is replaced by what the tables of the
 * commands say, "@globals@" by the options that stand everywhere, and "@version@" in a line by the
 * version. Called while leo is built.
 */
#ifndef LEO_MANUAL_H
#define LEO_MANUAL_H

#include "leo/leo.h"

/* An enum leo_status; what is wrong was told. */
int manual_print(const struct leo *l, const char *template_path, FILE *f);

#endif
