/*
 * Makes a self-signed certificate for this machine.
 */
#ifndef WEBD_CERTMAKE_H
#define WEBD_CERTMAKE_H

#include <stddef.h>
#include <stdint.h>

/* Key (PKCS #8) and certificate as PEM, one behind the other; the caller's, to be wiped. Valid from
 * an hour before @now_s for 397 days. -EIO when the library fails. */
int certmake(const char *host, int64_t now_s, char **ret_pem, size_t *ret_len);

#endif
