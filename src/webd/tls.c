/*
 * The certificate in use. It may be replaced while connections are being made, whose handshakes
 * still look at the one before: that one is kept until the next comes.
 *
 * The HTTP library hands nothing of ours to its callback, so this is the one variable of the
 * process.
 */
#include <time.h>

#include "base/log.h"
#include "webd/webd.h"

static struct cert current, previous;

int tls_load(struct webd *w)
{
	const char *problem = NULL;
	struct cert fresh;
	int r = cert_load(w->daemon->root_fd, time(NULL), &fresh, &problem);

	if (r < 0)
		return log_error_errno(r, "cannot take the certificate %s", problem);
	cert_deinit(&previous);
	previous = current;
	current = fresh;
	return 0;
}

void tls_unload(void)
{
	cert_deinit(&previous);
	cert_deinit(&current);
}

int tls_retrieve(gnutls_session_t session, const gnutls_datum_t *ca, int ca_count,
		 const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		 gnutls_pcert_st **ret_chain, unsigned *ret_count, gnutls_privkey_t *ret_key)
{
	*ret_chain = current.chain;
	*ret_count = current.count;
	*ret_key = current.key;
	return 0;
}
