/*
 * Reading many items; see reading.h.
 */
#include "pwrapis/reading.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "base/time.h"
#include "pwrapis/front.h"
#include "rpc/json.h"

enum {
	SLICE = 32, /* files that are read in a turn, */
	SLICE_MS = 2, /* and no further one after so long */
	BYTES_MAX = 900 * 1024, /* of a reply, which has 1 MiB */
	OBJECT_BYTES = 80, /* of a reading besides its texts */
	COARSE_MS = 1000,
	BYTES_STEP = 1024 * 1024, /* to which observers are told bytes */
};

struct reading {
	struct pwrapis *p;
	struct list_link link; /* in the daemon's readings, while it does not wait */
	const struct reading_choice *choice;
	bool coarse;
	size_t item;
	unsigned place;
	bool found; /* some place has the item */
	bool asked; /* the privileged half */
	size_t bytes;
	json_t *list; /* owned */
	reading_fn fn;
	void *data;
};

/* ---- what is told to observers ---- */

/* As it was told last; of each place, by its index. */
struct coarse {
	uint64_t at_ns; /* 0: never */
	int r;
	double number;
};

static struct {
	struct coarse *list; /* owned */
	unsigned count;
} coarse_items[256];

/* NULL: no memory, then nothing is told. */
static struct coarse *find_coarse(struct pwrapis *p, unsigned number, unsigned index)
{
	unsigned count = machine_count(p->machine, catalogue_item(number)->domain);

	if (number >= ARRAY_SIZE(coarse_items))
		return NULL;
	if (coarse_items[number].count != count) {
		free(coarse_items[number].list);
		coarse_items[number].list = calloc(count, sizeof(struct coarse));
		coarse_items[number].count = coarse_items[number].list ? count : 0;
	}
	return index < coarse_items[number].count ? &coarse_items[number].list[index] : NULL;
}

double reading_round(enum power_unit unit, double number)
{
	switch (unit) {
	case POWER_WATTS:
	case POWER_JOULES:
		return round(number);
	case POWER_FRACTION:
	case POWER_RATIO:
		return round(number * 100) / 100;
	/* Of private items, bytes that were moved or kept. */
	case POWER_NONE:
	case POWER_PER_SECOND:
		return round(number / BYTES_STEP) * BYTES_STEP;
	default:
		return number;
	}
}

static bool is_coarse(const struct reading *r, const struct power_item *item)
{
	return r->coarse && item->flags & POWER_PRIVATE;
}

/* 1 when it was told within the last second: @value and *@ret_r are that. */
static int recall(const struct reading *r, unsigned number, struct power_value *value, int *ret_r)
{
	const struct coarse *c = find_coarse(r->p, number, r->place);

	if (!c || !c->at_ns || time_now_ns(CLOCK_MONOTONIC) - c->at_ns >= COARSE_MS * NS_PER_MS)
		return 0;
	*value = (struct power_value){.number = c->number};
	*ret_r = c->r;
	return 1;
}

static int make_coarse(const struct reading *r, unsigned number, int result,
		       struct power_value *value)
{
	struct coarse *c = find_coarse(r->p, number, r->place);

	if (!c)
		return -ENOMEM;
	value->number = reading_round(catalogue_item(number)->unit, value->number);
	*c = (struct coarse){
		.at_ns = time_now_ns(CLOCK_MONOTONIC),
		.r = result,
		.number = value->number,
	};
	return result;
}

/* ---- one reading ---- */

static const struct {
	int error;
	const char *text;
} problems[] = {
	{EOPNOTSUPP, "this machine does not have it"},
	{ENODEV, "it is gone"},
	{EBUSY, "busy, or its processors are off line"},
	{ENODATA, "not known"},
	{EBADMSG, "what the kernel tells is not what it should be"},
	{EFBIG, "what the kernel tells is not what it should be"},
	{EAGAIN, "not known yet; ask again"},
	{EACCES, "only root may read it"},
	{ENOTCONN, "only the privileged half may read it, which is not there"},
	{ECONNRESET, "only the privileged half may read it, which was lost"},
	{ENOTUNIQ, "not the same for all processors"},
};

const char *reading_problem(int r)
{
	for (size_t i = 0; i < ARRAY_SIZE(problems); i++)
		if (problems[i].error == -r)
			return problems[i].text;
	return strerror(-r);
}

int reading_put(json_t *object, const struct power_item *item, const struct power_value *value)
{
	bool text = item->unit == POWER_TEXT;

	if (!text && !isfinite(value->number))
		return json_object_set_new(object, "problem",
					   json_string(reading_problem(-EBADMSG)));
	return json_object_set_new(object, text ? "text" : "number",
				   text ? json_string(value->text) : json_real(value->number));
}

static int put_words(struct reading *r, json_t *object, unsigned number)
{
	_cleanup_(str_vector_free_p) char **words = NULL;
	json_t *list;
	int e = machine_words(r->p->machine, number, r->place, &words);

	if (e < 0)
		return json_object_set_new(object, "problem", json_string(reading_problem(e)));
	list = json_array();
	for (char **w = words; *w; w++) {
		json_array_append_new(list, json_string(*w));
		r->bytes += strlen(*w) + 3;
	}
	return json_object_set_new(object, "words", list);
}

/* @result: 0 and the value, or why there is none. */
static int tell(struct reading *r, unsigned number, const char *place, int result,
		const struct power_value *value)
{
	const struct power_item *item = catalogue_item(number);
	json_t *object = json_pack("{s:s, s:s}", "item", item->name, "place", place);
	int e;

	if (!object)
		return -ENOMEM;
	r->bytes += OBJECT_BYTES + strlen(item->name) + strlen(place);
	if (result < 0)
		e = json_object_set_new(object, "problem", json_string(reading_problem(result)));
	else if (item->unit == POWER_LIST)
		e = put_words(r, object, number);
	else
		e = reading_put(object, item, value);
	if (json_array_append_new(r->list, object) < 0 || e < 0)
		return -ENOMEM;
	return r->bytes > BYTES_MAX ? -E2BIG : 0;
}

/* What a place does not have is left out. */
static int take(struct reading *r, unsigned number, int result, const struct power_value *value)
{
	enum power_domain domain = catalogue_item(number)->domain;
	int e = 0;

	if (result != -EOPNOTSUPP && r->place < machine_count(r->p->machine, domain)) {
		r->found = true;
		e = tell(r, number, machine_name(r->p->machine, domain, r->place), result, value);
	}
	r->place++;
	return e;
}

/* ---- all of them ---- */

static void enqueue(struct reading *r)
{
	list_add_last(&r->p->readings, &r->link);
	r->p->reading_count++;
	loop_wake(r->p);
}

static void dequeue(struct reading *r)
{
	if (!list_is_linked(&r->link))
		return;
	list_remove(&r->link);
	r->p->reading_count--;
}

/* The answer that is waited for is about an index. */
static void unpin(struct reading *r)
{
	if (r->asked)
		r->p->pinned_count--;
	r->asked = false;
}

static void free_reading(struct reading *r)
{
	dequeue(r);
	unpin(r);
	json_decref(r->list);
	free(r);
}

void reading_cancel(struct reading *r)
{
	if (!r)
		return;
	link_forget(&r->p->writer, r);
	free_reading(r);
}

static void end(struct reading *r, int result)
{
	reading_fn fn = r->fn;
	void *data = r->data;
	json_t *list = result == 0 ? take_ptr(r->list) : NULL;

	free_reading(r);
	fn(data, result, list);
}

static unsigned number_of(const struct reading *r)
{
	return r->choice->items[r->item].number;
}

static void on_guarded(void *data, int result, const struct writer_reply *reply)
{
	struct reading *r = data;
	unsigned number = number_of(r);
	struct power_value value = {};

	unpin(r);
	if (result == 0)
		value = reply->value;
	if (is_coarse(r, catalogue_item(number)))
		result = make_coarse(r, number, result, &value);
	result = take(r, number, result, &value);
	if (result < 0)
		end(r, result);
	else
		enqueue(r);
}

/* Only the privileged half may read it: goes on when it has. */
static int ask(struct reading *r, unsigned number)
{
	const struct lease_setting what = {.item = number, .index = r->place};
	struct writer_request request;
	int e;

	set_request(r->p, &what, WRITER_READ, 0, &request);
	e = link_request(&r->p->writer, &request, on_guarded, r);
	if (e == 0) {
		dequeue(r);
		r->asked = true;
		r->p->pinned_count++;
	}
	return e;
}

/* Reads at one place: 1 when the privileged half was asked. */
static int read_place(struct reading *r)
{
	unsigned number = number_of(r);
	const struct power_item *item = catalogue_item(number);
	struct power_value value = {};
	int result;

	if (is_coarse(r, item) && recall(r, number, &value, &result))
		return take(r, number, result, &value);
	result = catalogue_read(r->p, number, r->place, &value);
	if (result == -EACCES && item->flags & POWER_GUARDED) {
		result = ask(r, number);
		if (result == 0)
			return 1;
	}
	if (is_coarse(r, item))
		result = make_coarse(r, number, result, &value);
	return take(r, number, result, &value);
}

/* The last place of an item is behind us. */
static int next_item(struct reading *r)
{
	const struct reading_item *item = &r->choice->items[r->item];
	int e = 0;

	if (!r->found && item->named)
		e = tell(r, item->number, "", -EOPNOTSUPP, NULL);
	r->item++;
	r->place = 0;
	r->found = false;
	return e;
}

/* One step: 0, 1 when it waits, or why it has failed. */
static int step(struct reading *r)
{
	const struct power_item *item = catalogue_item(number_of(r));

	if (r->place < machine_count(r->p->machine, item->domain))
		return read_place(r);
	return next_item(r);
}

void readings_run(struct pwrapis *p)
{
	struct reading *r = list_first(&p->readings, struct reading, link);
	uint64_t end_ns = time_now_ns(CLOCK_MONOTONIC) + SLICE_MS * NS_PER_MS;
	int result = 0;

	if (!r)
		return;
	for (int i = 0; result == 0 && i < SLICE && r->item < r->choice->count; i++) {
		if (i && time_now_ns(CLOCK_MONOTONIC) >= end_ns)
			break;
		result = step(r);
	}
	if (result == 1)
		return;
	if (result < 0 || r->item == r->choice->count) {
		end(r, result);
		return;
	}
	list_remove(&r->link);
	list_add_last(&p->readings, &r->link);
}

void readings_free(struct pwrapis *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(coarse_items); i++)
		free(take_ptr(coarse_items[i].list));
}

int reading_begin(struct pwrapis *p, const struct reading_choice *choice, bool coarse,
		  reading_fn fn, void *data, struct reading **ret_reading)
{
	struct reading *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	*r = (struct reading){.p = p, .choice = choice, .coarse = coarse, .fn = fn, .data = data};
	r->list = json_array();
	if (!r->list) {
		free(r);
		return -ENOMEM;
	}
	enqueue(r);
	*ret_reading = r;
	return 0;
}

/* ---- what is to be read ---- */

/* Marks what a name means to the caller; how many that are. */
static unsigned mark(const struct front *f, const struct rpc_call *call, const char *name,
		     struct reading_item *marks)
{
	unsigned count = 0;

	for (unsigned i = 0; i < catalogue_count(); i++) {
		const struct power_item *item = catalogue_item(i);

		if (!(item->flags & POWER_SIGNAL) || !catalogue_matches(name, item->name) ||
		    !front_may(f, call, i))
			continue;
		marks[i].number = 1;
		marks[i].named |= str_equal(name, item->name);
		count++;
	}
	return count;
}

/* Who has only a grant is not told whether there is an item beside it. */
static bool mark_all(const struct front *f, struct rpc_call *call, const json_t *names,
		     struct reading_item *marks)
{
	size_t i;
	json_t *name;

	json_array_foreach(names, i, name)
	{
		if (mark(f, call, json_string_value(name), marks))
			continue;
		if (rpc_call_by_grant(call))
			front_deny(call);
		else
			rpc_error(call, FRONT_INTERFACE ".NoSuchItem",
				  json_pack("{s:O}", "item", name));
		return false;
	}
	return true;
}

/* Marks become numbers, in place: the table's order. Whether they fit one reply. */
static bool gather(const struct pwrapis *p, struct reading_choice *choice)
{
	struct reading_item *marks = choice->items;
	unsigned places = 0;

	for (unsigned i = 0; i < catalogue_count(); i++) {
		if (!marks[i].number)
			continue;
		places += machine_count(p->machine, catalogue_item(i)->domain) + 1;
		marks[choice->count++] =
			(struct reading_item){.number = i, .named = marks[i].named};
	}
	return places <= READINGS_MAX;
}

bool reading_choose(struct pwrapis *p, struct rpc_call *call, const json_t *names,
		    struct reading_choice *ret_choice)
{
	struct reading_choice choice = {.items = calloc(catalogue_count(), sizeof(*choice.items))};
	size_t count = json_array_size(names);

	if (!choice.items)
		rpc_failed(call, -ENOMEM, "cannot read");
	else if (count == 0 || count > READING_PATTERNS_MAX)
		rpc_invalid(call, "items");
	else if (mark_all(p->front, call, names, choice.items)) {
		if (gather(p, &choice)) {
			*ret_choice = choice;
			return true;
		}
		rpc_error(call, FRONT_INTERFACE ".TooMany",
			  json_pack("{s:i}", "limit", READINGS_MAX));
	}
	free(choice.items);
	return false;
}
