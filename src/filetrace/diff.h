/*
 * The difference of two texts, unified, with three lines around each change.
 *
 * Lines are bytes up to a newline; any bytes will do, and are escaped (base/str.h) line by line,
 * but for tabs and backslashes, so that the result is text for a terminal and for JSON. A last
 * line without a newline is followed by the usual "\ No newline at end of file". Content with a
 * NUL byte in its first 8000 bytes is binary: the diff is one line that says so.
 *
 * Exact and shortest (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, in linear
 * space) as long as that is affordable; beyond a bound of work, coarser but still right. Time is
 * bounded by that, memory by a small multiple of the input and by the number of lines.
 */
#ifndef FILETRACE_DIFF_H
#define FILETRACE_DIFF_H

#include <stddef.h>
#include <stdio.h>

/*
 * Writes the header lines "--- a/PATH" and "+++ b/PATH" (/dev/null where @old or @new is NULL) and
 * the hunks. *@ret_text is NULL, with 0, when both are equal; else the caller's, NUL-terminated,
 * and *@ret_len its length. -EFBIG when the text would be larger than @max_bytes, or
 * there are more than 4 million lines in both together. -ENOMEM.
 */
int diff_unified(const char *path, const char *old, size_t old_len, const char *new, size_t new_len,
		 size_t max_bytes, char **ret_text, size_t *ret_len);

#endif
