/*
 * For tests of leonhard-trace: a machine in a folder with a store that the test writes, the daemon
 * that reads it, and clients that speak to it. What fails here fails the test.
 */
#ifndef FILETRACE_TESTTRACE_H
#define FILETRACE_TESTTRACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filetrace/teststore.h"
#include "filetrace/trace/json_record.h"
#include "rpc/testclient.h"

enum { QUIET_MS = 1500 };

/* The machine, and its store while the test has it open. */
extern const struct testroot *root;
extern struct store *store;

/* For cmocka: the group's; a test with a store; one whose store is missing. */
int testtrace_group(void **state);
int testtrace_whole(void **state);
int testtrace_bare(void **state);
int testtrace_teardown(void **state);

void testtrace_start(void);
/* Tells the daemon to end, which it must do with success. */
void testtrace_stop(void);
/* Resident memory of the daemon, in KiB. */
long testtrace_rss_kib(void);

/* The folder of the store, where there is none; the store itself, and closing it. */
void testtrace_make_folder(void);
void testtrace_open(void);
void testtrace_close(void);
int testtrace_folder_fd(void);
/* Holds the lock of the capturing half, or lets go of it. */
void testtrace_capture(bool runs);

/* In a transaction of its own; the id. */
int64_t put_record(const struct record *r);
int64_t put_path(const char *path);

/* As an administrator, or as somebody who may only look. */
struct client *client_new(void);
struct client *observer_new(void);

/* One call by a client of its own, by an administrator. */
json_t *client_ask(const char *method, json_t *parameters);

#endif
