/*
 * Records as JSON: what io.leonhard.Trace calls Summary and Record (docs/format/record.md).
 *
 * Bytes of others are escaped (base/str.h). Whatever is in a store, a Record is under
 * RPC_MESSAGE_MAX: what does not fit is left out, and its flag says so. Functions return NULL when
 * there is no memory.
 */
#ifndef FILETRACE_JSON_RECORD_H
#define FILETRACE_JSON_RECORD_H

#include "filetrace/ledger.h"
#include "rpc/json.h"

/* @len bytes, escaped. */
json_t *json_bytes(const void *bytes, size_t len);
/* A text that is NUL-terminated, escaped; null for NULL and "". */
json_t *json_text(const char *text);
json_t *json_id(int64_t id);
/* How many bytes @value takes in a message. */
size_t json_size(const json_t *value);

/* Whether there is content in @r that not everybody may read. */
bool record_is_private(const struct record *r);

/* @admin: of what not everybody may read, hashes and differences are told, too. */
json_t *json_summary(const struct record *r, const char *exe, bool admin);

/* @images, @count, @cut: as of ledger_show(). */
json_t *json_record(const struct record *r, const struct ledger_image *images, size_t count,
		    bool cut, bool admin);

#endif
