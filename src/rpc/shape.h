/*
 * A look at JSON text before it is parsed: how deep it nests, and how much memory it will take.
 *
 * jansson calls itself for every level, and makes up to 130 bytes of each byte of text. Both is
 * bounded here, in one pass over the text that keeps nothing but a few counters. Whether the text
 * is JSON at all is left to the parser: it stops at the first wrong byte, and up to there both read
 * the same.
 */
#ifndef RPC_SHAPE_H
#define RPC_SHAPE_H

#include <stddef.h>

/* What one message may take when parsed: enough for a million bytes of small numbers. */
enum { SHAPE_BYTES_MAX = 32 * 1024 * 1024 };

/* 0; -ELOOP for text that nests deeper than @depth_max, -E2BIG for one that takes too much memory.
 */
int shape_check(const char *text, size_t len, unsigned depth_max);

#endif
