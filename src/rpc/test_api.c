/*
 * Tests of what rpc-embed makes: compiled, it is the bytes of the file again; and the interfaces of
 * every server are what api/ says.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/def.h"
#include "base/io.h"
#include "rpc/api.h"
#include "rpc/idl.h"

/* A golden output, which defines api_test. */
#include GOLDEN_OUTPUT

/* Each ends with its NUL, and nothing but it. */
static void test_bytes(void **state)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
		{SOURCE "/tests/golden/idl/good-bytes/input.varlink", api_test},
		{SOURCE "/api/io.leonhard.Rpc.varlink", api_rpc},
		{SOURCE "/api/org.varlink.service.varlink", api_varlink_service},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *file = NULL;
		size_t len;

		assert_int_equal(io_read_file(AT_FDCWD, cases[i].path, 1 << 20, &file, &len), 0);
		assert_string_equal(cases[i].text, file);
		assert_int_equal(strlen(cases[i].text), len);
	}
	assert_int_equal(sizeof(api_test), strlen(api_test) + 1);
}

static struct idl *parse(const char *text)
{
	struct idl *idl = NULL;

	assert_int_equal(idl_parse(text, strlen(text), true, &idl, NULL), 0);
	return idl;
}

static void test_service(void **state)
{
	static const char *const errors[] = {"InterfaceNotFound",    "MethodNotFound",
					     "MethodNotImplemented", "InvalidParameter",
					     "PermissionDenied",     "ExpectedMore"};
	_cleanup_(idl_free_p) struct idl *idl = parse(api_varlink_service);
	_cleanup_free_ char *text = NULL;
	const struct idl_member *m = idl_find(idl, IDL_METHOD, "GetInfo");

	assert_string_equal(idl->name, "org.varlink.service");
	assert_int_equal(m->access, ACCESS_OBSERVE);
	assert_int_equal(idl_type_text(&m->reply, &text), 0);
	assert_string_equal(text, "(vendor: string, product: string, version: string, "
				  "url: string, interfaces: []string)");
	assert_int_equal(idl_find(idl, IDL_METHOD, "GetInterfaceDescription")->access,
			 ACCESS_OBSERVE);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		assert_non_null(idl_find(idl, IDL_ERROR, errors[i]));
}

static void test_rpc(void **state)
{
	_cleanup_(idl_free_p) struct idl *idl = parse(api_rpc);

	assert_string_equal(idl->name, "io.leonhard.Rpc");
	assert_non_null(idl_find(idl, IDL_ERROR, "Overrun"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_rpc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
