/*
 * What a browser sends, from anybody: the first byte says what it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/def.h"
#include "webd/ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_login(const char *text, size_t len)
{
	struct login_request request;
	const char *problem;

	if (ask_login(text, len, &request, &problem) == 0 &&
	    (!memchr(request.user, 0, sizeof(request.user)) ||
	     !memchr(request.password, 0, sizeof(request.password)) || !*request.user))
		abort();
}

/* What is taken can be said, and names one interface. */
static void use(struct ask_call *call)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (strchr(call->interface, '/') || !strchr(call->interface, '.'))
		abort();
	if (ask_call_text(call, "1", true, &text, &len) == 0 && text[len - 1])
		abort();
	ask_call_deinit(call);
}

static void take_call(const char *text, size_t len)
{
	struct ask_call call;
	const char *problem;

	if (ask_call(text, len, &call, &problem) == 0)
		use(&call);
}

/* Method and parameters, with a line end between. */
static void take_stream(const char *text, size_t len)
{
	_cleanup_free_ char *method = strndup(text, len);
	struct ask_call call;
	const char *problem;
	char *end = strchr(method, '\n');

	if (end)
		*end = '\0';
	if (ask_stream(method, end ? end + 1 : NULL, &call, &problem) == 0)
		use(&call);
}

static void take_headers(const char *text, size_t len)
{
	_cleanup_free_ char *line = strndup(text, len);
	const struct ask_origin origin = {.host = "node", .origin = line, .site = NULL};
	const struct ask_framing framing = {.content_length = line, .lengths = 1, .hosts = 1};
	const char *value;
	size_t value_len;
	bool told;

	if (ask_cookie(line, &value, &value_len) &&
	    (value < line || value + value_len > line + strlen(line)))
		abort();
	ask_same_origin(&origin, &told);
	ask_framing_clear(&framing);
	ask_is_json(line);
	ask_takes_gzip(line);
	ask_has_etag(line, "\"0123456789abcdef\"");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const takers[])(const char *, size_t) = {take_login, take_call, take_stream,
							       take_headers};
	const char *text = (const char *)data;

	if (size)
		takers[*data % ARRAY_SIZE(takers)](text + 1, size - 1);
	return 0;
}
