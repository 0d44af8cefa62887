/*
 * leonhard-lab-generator: the door of the lab into an image, which only the lab can open.
 *
 * systemd runs it at boot with three directories. When whoever started the machine has passed the
 * credential leonhard.lab (the lab does so in the SMBIOS tables, which a guest cannot change), it
 * writes a unit for the agent into the first; otherwise it writes nothing, and nothing listens.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/def.h"
#include "base/io.h"
#include "lab/proto.h"

#define CREDENTIAL_PATH "/run/credentials/@system/" LAB_CREDENTIAL
#define UNIT "lab-agent.service"
#define WANTS "multi-user.target.wants"

/*
 * Started as soon as the machine can run a service: file systems are mounted and writable, /tmp
 * and /run are set up. An agent that fails takes the guest with it, so that the lab learns of it.
 */
static const char unit[] = "[Unit]\n"
			   "Description=Agent of the Leonhard lab\n"
			   "Documentation=man:lab-run(1)\n"
			   "FailureAction=poweroff-force\n"
			   "\n"
			   "[Service]\n"
			   "Type=exec\n"
			   "ExecStart=/usr/lib/leonhard/lab-agent\n"
			   "StandardInput=null\n"
			   "StandardOutput=journal\n"
			   "StandardError=journal+console\n"
			   "OOMScoreAdjust=-1000\n"
			   "TasksMax=infinity\n"
			   "LimitNOFILE=524288\n"
			   "KillMode=mixed\n"
			   "TimeoutStopSec=5s\n";

static int write_unit(const char *directory)
{
	_cleanup_close_ int dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = -1;

	if (dirfd < 0)
		return -errno;
	fd = openat(dirfd, UNIT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (mkdirat(dirfd, WANTS, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (symlinkat("../" UNIT, dirfd, WANTS "/" UNIT) < 0)
		return -errno;
	return io_write_all(fd, unit, strlen(unit));
}

/* $LAB_CREDENTIAL_PATH is for the tests; nobody who could set it at boot needs the lab. */
static const char *credential_path(void)
{
	const char *path = getenv("LAB_CREDENTIAL_PATH");

	return path ? path : CREDENTIAL_PATH;
}

int main(int argc, char **argv)
{
	int r;

	if (argc != 4) {
		fprintf(stderr, "leonhard-lab-generator: three directories are needed\n");
		return EXIT_FAILURE;
	}
	if (access(credential_path(), F_OK) < 0)
		return EXIT_SUCCESS;
	r = write_unit(argv[1]);
	if (r < 0)
		fprintf(stderr, "leonhard-lab-generator: %s: %s\n", argv[1], strerror(-r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
