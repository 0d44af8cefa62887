/*
 * Fuzzing the check of values: the first byte is the room for the path of what is wrong, the rest a
 * JSON text, which is checked against every type of an interface.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/def.h"
#include "base/str.h"
#include "rpc/idl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char interface[] = "interface a.b\n"
				"type Tree (n: string, c: ?[]Tree, m: ?[string]?Tree)\n"
				"type State (yes, no)\n"
				"type Most (b: ?bool, i: ?int, f: ?float, s: ?State, o: ?object,\n"
				"  t: ?(x: int, y: ?[][]int), set: ?[string]())\n"
				"type Any (a: object)\n";

static void must(bool condition)
{
	if (!condition)
		__builtin_trap();
}

static void check(const struct idl *idl, const json_t *value, size_t room)
{
	for (size_t i = 0; i < idl->member_count; i++) {
		_cleanup_free_ char *path = malloc(room);
		int r;

		must(path);
		r = idl_check(&idl->members[i].type, value, path, room);
		must(r == 0 || memchr(path, '\0', room));
		must(r == 0 || str_utf8_valid(path, strlen(path)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(idl_free_p) struct idl *idl = NULL;
	json_t *value;

	if (size < 2)
		return 0;
	must(idl_parse(interface, strlen(interface), false, &idl, NULL) == 0);
	value = json_loadb((const char *)data + 1, size - 1, JSON_DECODE_ANY, NULL);
	if (value)
		check(idl, value, data[0] % 64 + 1);
	json_decref(value);
	return 0;
}
