/*
 * The search for processes by a keyword: a part of their name or command line, compared byte by
 * byte. Done in slices, one in each turn of the loop, so that a machine with many processes keeps
 * nobody else waiting.
 */
#ifndef PWRAPIS_QUERY_H
#define PWRAPIS_QUERY_H

struct pwrapis;
struct query;

/* A slice of the search whose turn it is. */
void query_run(struct pwrapis *p);
void query_free(struct pwrapis *p, struct query *q); /* takes NULL */

#endif
