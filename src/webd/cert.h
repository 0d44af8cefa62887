/*
 * The certificate that the server shows: the administrator's, or one of our own.
 *
 *	/etc/leonhard/webd/cert.pem, key.pem	when both are there: a chain and its key
 *	/var/lib/leonhard/webd/own.pem		else: key and certificate, mode 0600, made here
 *
 * Ours is self-signed (EC P-256), for the machine's name and its addresses at that time. It is made
 * when there is none, when it is for another name, and when less than thirty days of it are left.
 */
#ifndef WEBD_CERT_H
#define WEBD_CERT_H

#include <gnutls/abstract.h>
#include <stdint.h>

#define CERT_DIR "/etc/leonhard/webd"
#define CERT_PATH CERT_DIR "/cert.pem"
#define CERT_KEY_PATH CERT_DIR "/key.pem"
#define CERT_OWN_DIR "/var/lib/leonhard/webd"
#define CERT_OWN_PATH CERT_OWN_DIR "/own.pem"

enum { CERT_CHAIN_MAX = 8, CERT_FILE_MAX = 64 * 1024 };

struct cert {
	gnutls_pcert_st chain[CERT_CHAIN_MAX];
	unsigned count;
	gnutls_privkey_t key;
};

/*
 * Loads or makes it. On failure *@ret_problem is a static text that says with which file. @now_s
 * is the time of day.
 */
int cert_load(int root_fd, int64_t now_s, struct cert *ret_cert, const char **ret_problem);
void cert_deinit(struct cert *c);

#endif
