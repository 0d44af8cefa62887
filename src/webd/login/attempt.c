/*
 * One attempt to log in; see attempt.h.
 *
 * The process is root until the bridge is started, and stays so to end the session. The bridge
 * gets its user's ids and groups, one descriptor, and no environment; the kernel kills it with us.
 */
#include "webd/login/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/def.h"
#include "base/io.h"
#include "base/log.h"

#define PAM_SERVICE_NAME "leonhard-webd"
#define BRIDGE_PROGRAM "leonhard-webd-bridge"

struct attempt {
	const struct attempt_world *world;
	const struct login_request *request;
	int bridge_fd, verdict_fd;
	pam_handle_t *pam;
	char user[LOGIN_USER_MAX];
	uid_t uid;
	gid_t gid;
};

bool attempt_request_valid(const struct login_request *request)
{
	return request->magic == LOGIN_MAGIC && *request->user && *request->password &&
	       memchr(request->user, '\0', sizeof(request->user)) &&
	       memchr(request->password, '\0', sizeof(request->password)) &&
	       memchr(request->address, '\0', sizeof(request->address));
}

/* ---- what PAM asks ---- */

/* The password is the answer to the one question that hides it. Nobody can answer another one. */
static int answer(const struct pam_message *message, const struct login_request *request,
		  struct pam_response *ret_response)
{
	switch (message->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
		ret_response->resp = strdup(request->password);
		return ret_response->resp ? PAM_SUCCESS : PAM_BUF_ERR;
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		return PAM_SUCCESS;
	default:
		return PAM_CONV_ERR;
	}
}

static void free_responses(struct pam_response *responses, int count)
{
	for (int i = 0; i < count; i++) {
		if (responses[i].resp)
			explicit_bzero(responses[i].resp, strlen(responses[i].resp));
		free(responses[i].resp);
	}
	free(responses);
}

static int converse(int count, const struct pam_message **messages,
		    struct pam_response **ret_responses, void *data)
{
	struct pam_response *responses;
	int r = PAM_SUCCESS;

	if (count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	responses = calloc(count, sizeof(*responses));
	if (!responses)
		return PAM_BUF_ERR;
	for (int i = 0; i < count && r == PAM_SUCCESS; i++)
		r = answer(messages[i], data, &responses[i]);
	if (r != PAM_SUCCESS) {
		free_responses(responses, count);
		return r;
	}
	*ret_responses = responses;
	return PAM_SUCCESS;
}

/* The parent answers failures in its own time; modules are not to add to it. */
static void no_delay(int result, unsigned us, void *data)
{
}

/* ---- the steps ---- */

static int begin(struct attempt *a)
{
	const struct pam_conv conv = {converse, (void *)a->request};
	int r = a->world->pam_dir ? pam_start_confdir(PAM_SERVICE_NAME, a->request->user, &conv,
						      a->world->pam_dir, &a->pam)
				  : pam_start(PAM_SERVICE_NAME, a->request->user, &conv, &a->pam);

	if (r == PAM_SUCCESS)
		r = pam_set_item(a->pam, PAM_RHOST, a->request->address);
	if (r == PAM_SUCCESS)
		r = pam_set_item(a->pam, PAM_FAIL_DELAY, (void *)no_delay);
	return r;
}

/* The account as PAM calls it, which need not be what was typed. */
static int find_account(struct attempt *a)
{
	const void *name = NULL;
	const struct passwd *pw;

	if (pam_get_item(a->pam, PAM_USER, &name) != PAM_SUCCESS || !name)
		return PAM_USER_UNKNOWN;
	pw = getpwnam(name);
	if (!pw || strlen(pw->pw_name) >= sizeof(a->user))
		return PAM_USER_UNKNOWN;
	strcpy(a->user, pw->pw_name);
	a->uid = pw->pw_uid;
	a->gid = pw->pw_gid;
	return a->uid == 0 && !a->world->allow_root ? PAM_PERM_DENIED : PAM_SUCCESS;
}

static int authenticate(struct attempt *a)
{
	int r = pam_authenticate(a->pam, PAM_DISALLOW_NULL_AUTHTOK);

	if (r == PAM_SUCCESS)
		r = find_account(a);
	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(a->pam, PAM_DISALLOW_NULL_AUTHTOK);
	return r;
}

/* Who is not root can be nobody but who they are. */
static bool is_self(const struct attempt *a)
{
	return geteuid() != 0 && a->uid == geteuid();
}

static int open_session(struct attempt *a)
{
	int r;

	/* PAM may add to the groups, so they come first. */
	if (!is_self(a) && initgroups(a->user, a->gid) < 0)
		return PAM_CRED_ERR;
	r = pam_setcred(a->pam, PAM_ESTABLISH_CRED);
	if (r == PAM_SUCCESS)
		r = pam_open_session(a->pam, PAM_SILENT);
	return r;
}

static int become(const struct attempt *a)
{
	if (is_self(a))
		return 0;
	if (setresgid(a->gid, a->gid, a->gid) < 0 || setresuid(a->uid, a->uid, a->uid) < 0)
		return -errno;
	return 0;
}

/* In a child. What is left open is the bridge's socket and where it reports. */
_Noreturn static void exec_bridge(const struct attempt *a, pid_t parent)
{
	char root[4096];
	char *argv[] = {(char *)BRIDGE_PROGRAM, NULL, NULL}, *envp[] = {NULL};
	int r = become(a);

	if (a->world->root) {
		snprintf(root, sizeof(root), "--root=%s", a->world->root);
		argv[1] = root;
	}
	if (r == 0 && (dup2(a->bridge_fd, STDIN_FILENO) < 0 || chdir("/") < 0))
		r = -errno;
	if (r == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		r = -errno;
	if (r < 0 || getppid() != parent) {
		log_error_errno(r, "cannot become %s", a->user);
		_exit(1);
	}
	signal(SIGTERM, SIG_DFL);
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execveat(a->world->bridge_dir_fd, BRIDGE_PROGRAM, argv, envp, 0);
	log_error_errno(-errno, "cannot run " BRIDGE_PROGRAM);
	_exit(1);
}

static int start_bridge(struct attempt *a, pid_t *ret_pid)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0)
		exec_bridge(a, self);
	if (pid < 0)
		return PAM_SYSTEM_ERR;
	*ret_pid = pid;
	return PAM_SUCCESS;
}

/* ---- the whole ---- */

static uint32_t result_of(int r)
{
	static const int failures[] = {PAM_SYSTEM_ERR,	PAM_BUF_ERR,	 PAM_ABORT,   PAM_CRED_ERR,
				       PAM_SESSION_ERR, PAM_SERVICE_ERR, PAM_OPEN_ERR};

	if (r == PAM_SUCCESS)
		return LOGIN_GRANTED;
	if (r == PAM_NEW_AUTHTOK_REQD)
		return LOGIN_EXPIRED;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		if (r == failures[i])
			return LOGIN_FAILED;
	}
	return LOGIN_DENIED;
}

static void tell(struct attempt *a, int r)
{
	struct attempt_verdict verdict = {.result = result_of(r)};

	memcpy(verdict.user, a->user, sizeof(verdict.user));
	if (verdict.result == LOGIN_FAILED)
		log_error("PAM cannot log in %s: %s", a->request->user, pam_strerror(a->pam, r));
	io_write_all(a->verdict_fd, &verdict, sizeof(verdict));
	close(a->verdict_fd);
}

static volatile sig_atomic_t terminated;

static void on_terminate(int number)
{
	terminated = 1;
}

static void wait_for(pid_t bridge)
{
	int status;

	/* SIGTERM ends the wait: the session ends with the service, and the bridge with us. */
	if (!terminated)
		waitpid(bridge, &status, 0);
}

static int run(struct attempt *a, pid_t *ret_bridge)
{
	int r = begin(a);

	if (r == PAM_SUCCESS)
		r = authenticate(a);
	if (r == PAM_SUCCESS)
		r = open_session(a);
	if (r == PAM_SUCCESS)
		r = start_bridge(a, ret_bridge);
	return r;
}

static void keep_only(const int *fds, size_t count)
{
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++) {
		bool keep = false;

		for (size_t i = 0; i < count; i++)
			keep |= fds[i] == fd;
		if (!keep)
			close(fd);
	}
	close_range(1024, ~0U, 0);
}

/* Those of the parent's loop would write to what is closed now. */
static void own_signals(void)
{
	static const int numbers[] = {SIGCHLD, SIGHUP, SIGINT};
	const struct sigaction terminate = {.sa_handler = on_terminate};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		signal(numbers[i], SIG_DFL);
	sigaction(SIGTERM, &terminate, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

_Noreturn void attempt_run(const struct attempt_world *w, struct login_request *request,
			   int bridge_fd, int verdict_fd)
{
	struct attempt a = {
		.world = w, .request = request, .bridge_fd = bridge_fd, .verdict_fd = verdict_fd};
	const int keep[] = {bridge_fd, verdict_fd, w->bridge_dir_fd};
	pid_t bridge = 0;
	int r;

	own_signals();
	keep_only(keep, ARRAY_SIZE(keep));
	prctl(PR_SET_DUMPABLE, 0);
	r = run(&a, &bridge);
	explicit_bzero(request->password, sizeof(request->password));
	tell(&a, r);
	close(bridge_fd);
	if (r == PAM_SUCCESS) {
		wait_for(bridge);
		pam_close_session(a.pam, PAM_SILENT);
		pam_setcred(a.pam, PAM_DELETE_CRED);
	}
	if (a.pam)
		pam_end(a.pam, r);
	_exit(0);
}
