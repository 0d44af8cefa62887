/*
 * The parts of access.conf's reader that its fuzzer feeds directly. Private to src/rpc.
 */
#ifndef RPC_ACCESS_INT_H
#define RPC_ACCESS_INT_H

#include "rpc/access.h"
#include "rpc/accounts.h"

/* As access_load(), of a text; what is wrong as of conf_parse_text(). */
int access_parse(const char *text, size_t len, const struct accounts *accounts,
		 struct access **ret_access, char ***ret_unknown, unsigned *ret_line,
		 const char **ret_problem);

#endif
