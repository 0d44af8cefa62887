/*
 * Results of the probe; see result.h.
 *
 * Only root can have written the file. It is taken apart with the same care as a stranger's: what
 * is not exactly of the format is no result at all.
 */
#include "node/result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/fs.h"
#include "node/places.h"
#include "node/powers.h"
#include "rpc/json.h"

enum { TEXT_MAX = 4096 };

void result_free(struct result *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(r->findings); i++)
		free(r->findings[i]);
	free(r);
}

void result_free_p(struct result **r)
{
	result_free(*r);
}

/* The text of a member; NULL when it is none, or has a NUL in it, or is beyond all measure. */
static const char *text_of(const json_t *object, const char *key)
{
	const json_t *j = json_object_get(object, key);
	size_t len = j && json_is_string(j) ? json_string_length(j) : TEXT_MAX;

	if (len >= TEXT_MAX || strlen(json_string_value(j)) != len)
		return NULL;
	return json_string_value(j);
}

static int number_of(const json_t *object, const char *key, uint64_t *ret_number)
{
	const json_t *j = json_object_get(object, key);

	if (!j || !json_is_integer(j) || json_integer_value(j) < 0)
		return -EBADMSG;
	*ret_number = json_integer_value(j);
	return 0;
}

static int take_power(struct result *r, const json_t *object)
{
	const char *name = text_of(object, "name"), *state = text_of(object, "state");
	const char *detail = text_of(object, "detail"), *evidence = text_of(object, "evidence");
	enum power_state value;
	struct finding *f;
	int i;

	if (!name || !state || !detail || !evidence || power_state_parse(state, &value) < 0)
		return -EBADMSG;
	i = powers_find_trial(name);
	if (i < 0)
		return 0;
	if (r->findings[i])
		return -EBADMSG;
	f = r->findings[i] = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->state = value;
	finding_copy(f->detail, sizeof(f->detail), detail);
	finding_copy(f->evidence, sizeof(f->evidence), evidence);
	return 0;
}

static int take_all(struct result *r, const json_t *object, const char *boot_id)
{
	const json_t *list = json_object_get(object, "powers"), *power;
	const char *boot = text_of(object, "boot_id");
	size_t i;
	int error;

	if (!boot || !list || !json_is_array(list) || json_array_size(list) > RESULT_POWERS_MAX)
		return -EBADMSG;
	if (strcmp(boot, boot_id) != 0)
		return -ESTALE;
	error = number_of(object, "started_ns", &r->started_ns);
	if (error == 0)
		error = number_of(object, "probed_ns", &r->probed_ns);
	json_array_foreach(list, i, power) if (error == 0) error = take_power(r, power);
	return error;
}

int result_parse(const char *text, size_t len, const char *boot_id, struct result **ret_result)
{
	_cleanup_(result_free_p) struct result *result = calloc(1, sizeof(*result));
	_cleanup_json_ json_t *object = NULL;
	int r;

	if (!result)
		return -ENOMEM;
	object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!object)
		return -EBADMSG;
	r = take_all(result, object, boot_id);
	if (r < 0)
		return r;
	*ret_result = take_ptr(result);
	return 0;
}

int result_read(const struct machine *m, struct result **ret_result)
{
	_cleanup_free_ char *text = NULL;
	char boot_id[MACHINE_LINE_MAX];
	size_t len;
	int r = fs_read(m->root_fd, NODE_RESULT_PATH, RESULT_BYTES_MAX, &text, &len);

	if (r < 0)
		return r;
	r = machine_line(m, boot_id, sizeof(boot_id), NODE_BOOT_ID_PATH);
	if (r < 0)
		return r;
	return result_parse(text, len, boot_id, ret_result);
}
