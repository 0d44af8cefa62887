/*
 * The headers of every response; see headers.h.
 */
#include "webd/headers.h"

#include <errno.h>

#include "base/def.h"

static const struct {
	const char *name, *value;
} headers[] = {
	/* Nothing inline, nothing from elsewhere, in nobody's frame. */
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	 "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	/* A year. Browsers take it only where the certificate is trusted. */
	{"Strict-Transport-Security", "max-age=31536000"},
	{"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
};

int headers_add(struct MHD_Response *response)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		if (!MHD_add_response_header(response, headers[i].name, headers[i].value))
			return -ENOMEM;
	}
	return 0;
}
