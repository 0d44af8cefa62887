/*
 * What the verbs of `leo trace` share: asking io.leonhard.Trace, what is typed to choose records,
 * and how one record is told. A record is the JSON object of a reply and may be anything.
 *
 * Paths travel escaped (base/str.h). One that is typed is taken as the bytes that the shell hands
 * over, and made absolute; or as leo shows it, when it has a backslash and is an escaped form.
 */
#ifndef LEO_TRACE_H
#define LEO_TRACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "leo/leo.h"
#include "leo/names.h"
#include "leo/talk.h"

#define TRACE_INTERFACE "io.leonhard.Trace"

/* ---- asking: an enum leo_status, failures were told ---- */

/* The errors of the interface in words, for struct talk. */
extern const struct talk_error trace_errors[];

/* Calls for one reply, the caller's. */
int trace_ask(struct leo *l, const char *method, const json_t *parameters, json_t **ret_reply);

/* ---- what is typed ---- */

/* An absolute path, escaped, the caller's. What ends in a slash, or is only dots, is a folder, and
 * ends in a slash if @folder. */
int trace_path(struct leo *l, const char *word, bool folder, char **ret_path);

/* The operand @i as the id of a record. */
int trace_id(struct leo *l, size_t i, const char **ret_id);

/* --path, --user, --since and --until, those that the verb has, as parameters. */
int trace_choice(struct leo *l, json_t **ret_parameters);

/* ---- telling ---- */

enum { TRACE_TEXT_MAX = 600, TRACE_NUMBER_MAX = 24 };

/* The member as a number, where it is one and not negative. */
bool trace_number(const json_t *record, const char *key, uint64_t *ret_value);
/* As text, "-" where there is none. */
const char *trace_number_text(const json_t *record, const char *key, char out[TRACE_NUMBER_MAX]);
/* The id as a number, 0 when it is none. */
uint64_t trace_id_number(const json_t *record);

/* "alice", "root (alice)" after sudo, "root (-)" without a login, "?" when nobody knows; with "?"
 * behind it when not all is known. @record is clean. */
void trace_user(struct names *n, const json_t *record, char out[TRACE_TEXT_MAX]);
/* "vi": the last part of the program's path. */
const char *trace_program(const json_t *record);
/* "append", "append ×3" for three edits in one. */
void trace_method(const json_t *record, char out[TRACE_TEXT_MAX]);
bool trace_is_coalesced(const json_t *record);
bool trace_is_attributed(const json_t *record);

/* ---- the verbs, in the files of their names ---- */

int trace_list(struct leo *l);
int trace_show(struct leo *l);
int trace_watch(struct leo *l);
int trace_read(struct leo *l);
int trace_add(struct leo *l);
int trace_remove(struct leo *l);
int trace_watches(struct leo *l);

#endif
