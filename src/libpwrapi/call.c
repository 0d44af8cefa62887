/*
 * A call: a request, its reply, and what the reply must be.
 */
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "libpwrapi/call.h"
#include "libpwrapi/connection.h"
#include "libpwrapi/powerapi.h"
#include "libpwrapi/registry.h"
#include "libpwrapi/tell.h"
#include "libpwrapi/wire.h"

static void connection_unref_p(struct connection **c)
{
	if (*c)
		connection_unref(*c);
}

int call_check(bool pointers, bool values)
{
	_cleanup_(connection_unref_p) struct connection *c = registry_get();

	if (!c)
		return PWR_ERR_NOT_REGISTED;
	if (!pointers)
		return PWR_ERR_NULL_POINTER;
	return values ? PWR_SUCCESS : PWR_ERR_INVALIDE_PARAM;
}

static int ask(const struct wire_op *op, struct call_request request,
	       struct connection_reply *ret_reply)
{
	_cleanup_(connection_unref_p) struct connection *c = registry_get();

	if (!c)
		return PWR_ERR_NOT_REGISTED;
	if (request.bytes > op->request_max)
		return PWR_ERR_INPUT_OVERSIZE;
	return connection_ask(c, op->operation, request.data, request.bytes, ret_reply);
}

static int told(uint16_t operation, int result)
{
	if (result != PWR_SUCCESS)
		tell(TELL_ERROR, "%s failed: %d", wire_op(operation)->name, result);
	return result;
}

int call_set(uint16_t operation, struct call_request request)
{
	struct connection_reply reply = {};
	int result = ask(wire_op(operation), request, &reply);

	free(reply.data);
	return told(operation, result);
}

/* ---- replies ---- */

static bool has_shape(const struct call_shape *shape, const struct connection_reply *reply)
{
	size_t behind;

	if (reply->bytes < shape->head_bytes)
		return false;
	behind = reply->bytes - shape->head_bytes;
	if (shape->unit_bytes == 0 ? behind > 0 : behind % shape->unit_bytes > 0)
		return false;
	return !shape->sane || shape->sane(reply->data, reply->bytes);
}

static void end_text(uint8_t *at, const struct call_text *text)
{
	for (size_t i = 0; i < text->count; i++)
		at[text->offset + i * text->stride + text->bytes - 1] = 0;
}

static void end_texts(const struct call_shape *shape, uint8_t *reply, size_t count)
{
	for (const struct call_text *text = shape->texts; text && text->bytes > 0; text++)
		end_text(reply, text);
	if (shape->unit_text.bytes == 0)
		return;
	for (size_t i = 0; i < count; i++)
		end_text(reply + shape->head_bytes + i * shape->unit_bytes, &shape->unit_text);
}

static int fill(const struct call_shape *shape, const struct connection_reply *reply, void *buffer,
		size_t room, size_t *ret_count)
{
	size_t count = 0;

	if (!has_shape(shape, reply))
		return PWR_ERR_WRONG_RESPONSE_FROM_SERVER;
	if (shape->unit_bytes > 0)
		count = (reply->bytes - shape->head_bytes) / shape->unit_bytes;
	if (count > room)
		count = room;
	end_texts(shape, reply->data, count);
	memcpy(buffer, reply->data, shape->head_bytes + count * shape->unit_bytes);
	if (ret_count)
		*ret_count = count;
	return PWR_SUCCESS;
}

int call_get(const struct call_shape *shape, struct call_request request, void *buffer, size_t room,
	     size_t *ret_count)
{
	struct connection_reply reply = {};
	int result = ask(wire_op(shape->operation), request, &reply);

	if (result == PWR_SUCCESS)
		result = fill(shape, &reply, buffer, room, ret_count);
	free(reply.data);
	return told(shape->operation, result);
}

int call_list(const struct call_shape *shape, struct call_request request, void *buffer,
	      uint32_t *count)
{
	size_t filled;
	int result = call_get(shape, request, buffer, *count, &filled);

	if (result == PWR_SUCCESS)
		*count = filled;
	return result;
}

/* ---- texts ---- */

static int fill_text(const struct connection_reply *reply, char *buffer, size_t bytes)
{
	size_t len = strnlen(reply->data, reply->bytes);
	size_t fits = len < bytes ? len : bytes - 1;

	if (reply->bytes == 0)
		return PWR_ERR_WRONG_RESPONSE_FROM_SERVER;
	memcpy(buffer, reply->data, fits);
	memset(buffer + fits, 0, bytes - fits);
	return fits == len ? PWR_SUCCESS : PWR_ERR_ANSWER_LONGER_THAN_SIZE;
}

int call_text(uint16_t operation, char *buffer, size_t bytes)
{
	struct connection_reply reply = {};
	int result = ask(wire_op(operation), CALL_NOTHING, &reply);

	if (result == PWR_SUCCESS)
		result = fill_text(&reply, buffer, bytes);
	free(reply.data);
	return told(operation, result);
}

int call_name(const char *text, struct call_request *ret_request)
{
	size_t len = text ? strnlen(text, PWR_MAX_ELEMENT_NAME_LEN) : 0;
	int result = call_check(text, len > 0 && len < PWR_MAX_ELEMENT_NAME_LEN);

	if (result == PWR_SUCCESS)
		*ret_request = (struct call_request){text, len + 1};
	return result;
}
