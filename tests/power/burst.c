/*
 * burst spin COUNT FIFO SECONDS: for each byte that comes, so many processes are busy for so long.
 * burst time FIFO FILE: writes the byte, and prints the milliseconds until the file says something
 * else than before; fails after five seconds.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_BYTES = 4096, LONGEST_MS = 5000 };

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void burn(int seconds)
{
	uint64_t until = now_us() + (uint64_t)seconds * 1000000;

	while (now_us() < until)
		;
}

static int spin(int count, const char *fifo, int seconds)
{
	char byte;
	/* Both ends: no end of the input when a writer goes. */
	int fd = open(fifo, O_RDWR);

	while (fd >= 0 && read(fd, &byte, 1) == 1) {
		for (int i = 0; i < count; i++)
			if (fork() == 0) {
				burn(seconds);
				_exit(0);
			}
		while (wait(NULL) > 0)
			;
	}
	return 1;
}

/* "" when there is no such file. */
static void look(const char *path, char text[TEXT_BYTES])
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, TEXT_BYTES - 1);

	text[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
}

static int measure(const char *fifo, const char *path)
{
	char before[TEXT_BYTES], after[TEXT_BYTES];
	int fd = open(fifo, O_WRONLY);
	uint64_t start;

	look(path, before);
	start = now_us();
	if (fd < 0 || write(fd, "x", 1) != 1)
		return 1;
	do {
		usleep(1000);
		look(path, after);
	} while (strcmp(before, after) == 0 && now_us() - start < LONGEST_MS * 1000);
	printf("%.1f\n", (now_us() - start) / 1000.0);
	return strcmp(before, after) == 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "spin") == 0)
		return spin(atoi(argv[2]), argv[3], atoi(argv[4]));
	if (argc == 4 && strcmp(argv[1], "time") == 0)
		return measure(argv[2], argv[3]);
	return 2;
}
