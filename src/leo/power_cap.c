/*
 * leo power cap: the cap of the machine with its bounds and who has set it; or sets it, as
 * `leo power set power.cap` does.
 */
#include <errno.h>

#include "base/def.h"
#include "base/str.h"
#include "leo/fail.h"
#include "leo/out.h"
#include "leo/power.h"
#include "leo/quantity.h"
#include "leo/records.h"

#define CAP "power.cap"

static const char *const names[] = {CAP, "power.cap-min", "power.cap-max", "power.board"};
static const char *const words[] = {"cap", "lowest", "highest", "power now"};
static const char *const keys[] = {"cap", "min", "max", "power"};

/* What was read of the item; NULL: it is not known. */
static const json_t *number_of(const json_t *readings, const char *item)
{
	for (size_t i = 0; i < json_array_size(readings); i++) {
		const json_t *r = json_array_get(readings, i);
		const json_t *number = json_object_get(r, "number");

		if (str_equal(records_text(r, "item"), item) && json_is_number(number))
			return number;
	}
	return NULL;
}

static int print_json(struct leo *l, const json_t *readings)
{
	_cleanup_(json_decrefp) json_t *object = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const json_t *number = number_of(readings, names[i]);

		json_object_set_new(object, keys[i],
				    number ? json_real(json_number_value(number)) : json_null());
	}
	return out_json(l, object);
}

static void print(struct leo *l, const json_t *readings)
{
	char text[QUANTITY_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const json_t *number = number_of(readings, names[i]);

		if (!number)
			continue;
		quantity_format(json_number_value(number), "W", text);
		fprintf(l->out, "%s%-10s%s %s\n", out_dim(l), words[i], out_plain(l), text);
	}
}

static int show(struct leo *l)
{
	_cleanup_(rpc_link_free_p) struct rpc_link *link = NULL;
	_cleanup_(json_decrefp) json_t *reply = NULL;
	const json_t *readings;
	int status = talk_open(l, POWER_INTERFACE, &link), r = 0;

	if (status == LEO_DONE)
		status = power_read(l, link, names, ARRAY_SIZE(names), &reply);
	if (status != LEO_DONE)
		return status;
	readings = json_object_get(reply, "readings");
	if (!number_of(readings, CAP))
		return fail(l, &(struct failure){.status = LEO_FAILED, .next = "leo power items"},
			    "this machine has no cap of power, or it cannot be read");
	if (l->json)
		r = print_json(l, readings);
	else
		print(l, readings);
	return r < 0 ? fail_errno(l, r, "cannot show the cap") : LEO_DONE;
}

int power_cap(struct leo *l)
{
	const char *watts = leo_operand(l, 0);

	if (watts)
		return power_set_item(l, CAP, "board", watts);
	if (leo_value(l, "keep") || leo_value(l, "dry-run"))
		return fail_usage(l, "without WATTS the cap is only shown");
	return show(l);
}
