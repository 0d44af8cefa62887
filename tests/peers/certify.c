/*
 * certify: org.varlink.certification as a server and as a client, for tests/peers/run.
 *
 *	certify serve ROOT INTERFACE-FILE
 *	certify call|call-loop|wrong|wrong-loop ROOT ADDRESS
 *
 * Exits with 0 when everything went as published, with 1 when not, with 2 on wrong usage.
 */
#include "certify.h"

#include <stdio.h>
#include <string.h>

#include "base/def.h"

static int serve(const char *root, const char *interface)
{
	return certify_serve(root, interface);
}

static int call(const char *root, const char *address)
{
	return certify_call(root, address, false, false);
}

static int call_loop(const char *root, const char *address)
{
	return certify_call(root, address, false, true);
}

static int wrong(const char *root, const char *address)
{
	return certify_call(root, address, true, false);
}

static int wrong_loop(const char *root, const char *address)
{
	return certify_call(root, address, true, true);
}

static const struct {
	const char *name;
	int (*run)(const char *root, const char *what);
} verbs[] = {
	{"serve", serve},	    {"call", call}, {"call-loop", call_loop}, {"wrong", wrong},
	{"wrong-loop", wrong_loop},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 4 && i < ARRAY_SIZE(verbs); i++) {
		int r;

		if (strcmp(argv[1], verbs[i].name))
			continue;
		r = verbs[i].run(argv[2], argv[3]);
		if (r < 0)
			fprintf(stderr, "certify %s %s: %s\n", argv[1], argv[3], strerror(-r));
		return r < 0;
	}
	fprintf(stderr, "usage: certify serve ROOT INTERFACE-FILE\n"
			"       certify call|call-loop|wrong|wrong-loop ROOT ADDRESS\n");
	return 2;
}
