/*
 * crowd PATH COUNT: connects COUNT times to the stream socket, says nothing, and prints how many
 * connections could be made. Holds them until its input ends.
 *
 * crowd -s PATH: connects once to a socket of records, says nothing either, and tells whether the
 * other side has closed within two seconds: "closed", "stays", or why it cannot connect.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/def.h"

enum { CLOSED_MS = 2000, SPARE = 16 };

static int connect_to(const char *path, int type)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	strncpy(sa.sun_path, path, sizeof(sa.sun_path) - 1);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	cleanup_close_p(&fd);
	return -1;
}

static int knock(const char *path)
{
	struct pollfd p = {.fd = connect_to(path, SOCK_SEQPACKET), .events = POLLIN};

	if (p.fd < 0) {
		perror("cannot connect");
		return EXIT_FAILURE;
	}
	puts(poll(&p, 1, CLOSED_MS) == 1 ? "closed" : "stays");
	return EXIT_SUCCESS;
}

static int come(const char *path, unsigned count)
{
	const struct rlimit limit = {count + SPARE, count + SPARE};
	unsigned made = 0;
	char byte;

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return EXIT_FAILURE;
	for (unsigned i = 0; i < count; i++)
		made += connect_to(path, SOCK_STREAM) >= 0;
	printf("connected %u\n", made);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return EXIT_FAILURE;
	if (strcmp(argv[1], "-s") == 0)
		return knock(argv[2]);
	return come(argv[1], strtoul(argv[2], NULL, 10));
}
