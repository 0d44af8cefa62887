/*
 * Endpoints, as people write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/def.h"
#include "exporter/settings.h"

static void test_addresses(void **state)
{
	struct endpoint e = {};
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	assert_int_equal(endpoint_parse("127.0.0.1:9436", &e), 0);
	memcpy(&in, &e.address, sizeof(in));
	assert_string_equal(e.path, "");
	assert_int_equal(e.len, sizeof(in));
	assert_int_equal(in.sin_family, AF_INET);
	assert_int_equal(ntohs(in.sin_port), 9436);
	assert_int_equal(ntohl(in.sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(endpoint_parse("[::1]:1", &e), 0);
	memcpy(&in6, &e.address, sizeof(in6));
	assert_int_equal(in6.sin6_family, AF_INET6);
	assert_int_equal(ntohs(in6.sin6_port), 1);
	assert_memory_equal(&in6.sin6_addr, &in6addr_loopback, sizeof(in6addr_loopback));
}

static void test_paths(void **state)
{
	struct endpoint e = {};

	assert_int_equal(endpoint_parse("/run/leonhard/exporter.sock", &e), 0);
	assert_string_equal(e.path, "/run/leonhard/exporter.sock");
	assert_int_equal(e.len, 0);
}

static void test_wrong(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		"9436",
		"127.0.0.1",
		"127.0.0.1:",
		":9436",
		"127.0.0.1:0",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"127.0.0.1:9436x",
		"::1:9436",
		"[::1]",
		"[]:9436",
		"[:9436",
		"[127.0.0.1]:9436",
		"localhost:9436",
		"256.0.0.1:80",
		"run/x.sock",
		"/run/",
		"/",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:80",
	};
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	struct endpoint e = {.path = "untouched"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(endpoint_parse(texts[i], &e), -EINVAL);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(endpoint_parse(path, &e), -EINVAL);
	assert_string_equal(e.path, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
