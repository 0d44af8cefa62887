/*
 * Reading a content, as both the store and the ledger do.
 */
#ifndef FILETRACE_CONTENT_H
#define FILETRACE_CONTENT_H

#include "filetrace/record.h"
#include "filetrace/sql.h"

/* Size and frame by hash: a statement for content_read(). */
#define CONTENT_SQL                                                                       \
	"SELECT c.bytes, b.frame FROM main.contents AS c JOIN main.blobs AS b USING (id)" \
	" WHERE c.sha256 = ?1"

/* As of store_get_content(). */
int content_read(sqlite3_stmt *get, const struct sha256 *sha256, char **ret_bytes, size_t *ret_len);

#endif
