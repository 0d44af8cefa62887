/*
 * Varlink interface files: parsed, checked, printed; and values checked against their types.
 *
 * The grammar is varlink's (https://varlink.org/Interface-Definition): interface, type, method,
 * error; bool, int, float, string, object, arrays [], maps [string], optional ?, enums and structs,
 * named or in place. On top of it the comment directly above a method carries
 *
 *	# access: observe | control | admin, and perhaps "or granted" behind it
 *	# unit: FIELD = UNIT	(one line per number that travels, dotted for nested fields)
 *
 * A parsed interface is immutable; everything in it lives until idl_free(). The parser takes bytes
 * from anybody: at most IDL_BYTES_MAX, nesting at most IDL_DEPTH_MAX, no recursion beyond that.
 */
#ifndef RPC_IDL_H
#define RPC_IDL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { IDL_BYTES_MAX = 256 * 1024, IDL_DEPTH_MAX = 32 };

enum idl_kind {
	IDL_BOOL,
	IDL_INT, /* 64 bits, signed */
	IDL_FLOAT,
	IDL_STRING,
	IDL_OBJECT, /* any JSON object */
	IDL_ENUM,
	IDL_STRUCT,
	IDL_ARRAY,
	IDL_MAP, /* of string keys */
	IDL_NAMED, /* resolved when the interface is parsed: never dangling */
};

struct idl_field;
struct idl_member;

struct idl_type {
	enum idl_kind kind;
	bool maybe; /* ? : null or left out */
	const struct idl_type *element; /* array, map */
	const struct idl_field *fields; /* struct */
	const char *const *names; /* enum */
	size_t count; /* of fields or names */
	const struct idl_member *named;
};

struct idl_field {
	const char *name;
	const char *comment; /* "" when there is none */
	const char *unit; /* from a "# unit:" line of the method, or NULL */
	struct idl_type type;
};

enum idl_member_kind { IDL_TYPE, IDL_METHOD, IDL_ERROR };

/* Classes of access, each of which includes those before it. */
enum access_class { ACCESS_NONE, ACCESS_OBSERVE, ACCESS_CONTROL, ACCESS_ADMIN };

struct idl_member {
	enum idl_member_kind kind;
	const char *name; /* "List" */
	const char *comment; /* without the access and unit lines */
	enum access_class access; /* methods; ACCESS_NONE where the file does not say */
	bool granted; /* methods: also for whom the service itself has granted something */
	struct idl_type type; /* of a type: a struct or enum; parameters; fields of an error */
	struct idl_type reply; /* methods */
};

struct idl {
	const char *name; /* "io.leonhard.Node" */
	const char *text; /* as parsed: what GetInterfaceDescription returns */
	const char *comment;
	const struct idl_member *members; /* in the order of the file */
	size_t member_count;
};

/*
 * Parses @len bytes. -EINVAL with *@ret_problem "LINE:COLUMN: what is wrong" (the caller's; the
 * pointer may be NULL) for a file that is not one; -ENOMEM. With @strict every method must have an
 * access line and every "int" or "float" that travels a unit or a comment of its field: what the
 * build asks of api/.
 */
int idl_parse(const char *text, size_t len, bool strict, struct idl **ret_idl, char **ret_problem);
void idl_free(struct idl *idl);
void idl_free_p(struct idl **idl);

const struct idl_member *idl_find(const struct idl *idl, enum idl_member_kind kind,
				  const char *name);

/*
 * Checks @value against a type: kinds, missing and unknown members, enum names; and that it is at
 * most IDL_DEPTH_MAX arrays and objects deep, whatever the type. -EINVAL with @ret_path the dotted
 * place ("powers[3].state", at most @size bytes, cut) of the first thing wrong. NULL as @value
 * counts as an empty object for a struct.
 */
int idl_check(const struct idl_type *type, const json_t *value, char *ret_path, size_t size);

/* The type as varlink writes it, for errors and `leo describe`: "?[]string". The caller's. */
int idl_type_text(const struct idl_type *type, char **ret_text);

const char *access_class_name(enum access_class c); /* "none", "observe", … */
int access_class_parse(const char *text, enum access_class *ret_class); /* -EINVAL */

#endif
