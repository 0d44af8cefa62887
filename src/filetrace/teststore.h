/*
 * What tests of the store share: a folder with a store in it, and records to put there. What fails
 * here fails the test.
 */
#ifndef FILETRACE_TESTSTORE_H
#define FILETRACE_TESTSTORE_H

#include <stdint.h>

#include "base/testroot.h"
#include "filetrace/ledger.h"
#include "filetrace/store.h"

#define TEST_BOOT "01234567-0123-0123-0123-0123456789ab"

/* Bytes that stand for a hash: all are @byte. */
struct sha256 teststore_hash(unsigned byte);
/* An image with a parent. */
struct ft_image teststore_image(uint64_t id, uint64_t parent, const char *exe);
/* A record of an edit of @path by user @uid; owns nothing but what the caller gives. */
struct record teststore_record(const char *path, uint32_t uid, int64_t time_ns);

/* The store in the root itself. */
struct store *teststore_open(const struct testroot *t);
void teststore_close_p(struct store **s);
/* Puts a teststore_record(); its id. */
int64_t teststore_put(struct store *s, const char *path, uint32_t uid, int64_t time_ns);
/* Says @sql to the database @file. */
void teststore_alter(const char *file, const char *sql);
/* Teardown of a test: empties the root. */
int teststore_clear(void **state);

/* Content that does not compress, made from a number. */
void teststore_noise(uint64_t seed, char *bytes, size_t len);

#endif
