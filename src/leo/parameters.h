/*
 * The parameters of a call as a person types them: one JSON object.
 */
#ifndef LEO_PARAMETERS_H
#define LEO_PARAMETERS_H

#include <jansson.h>

#include "leo/leo.h"

/*
 * Parses @text. What is wrong is told, with the line it is in, a mark below the place, and @next to
 * try:
 *
 *	leo: the parameters are not JSON: line 1, column 11: unexpected token near ','
 *	  {"group": ,}
 *	            ^
 */
int parameters_parse(const struct leo *l, const char *next, const char *text, size_t len,
		     json_t **ret_parameters);

/* Reads all of standard input, at most 1 MiB, and parses it. */
int parameters_read(const struct leo *l, const char *next, json_t **ret_parameters);

#endif
