/*
 * Of pwrapis-bench: what a reading from the ring costs, its reader and the daemon.
 */
#ifndef PWRAPIS_BENCH_RING_H
#define PWRAPIS_BENCH_RING_H

/*
 * Attaches at @path and prints "latest_ns N", of a reading without processors, "latest_cpus_ns N",
 * with all of them, "period_ns N", and "daemon_ppm N": of so many millionths of a processor the
 * process @pid made use while one reader reads every 10 ms for so many @seconds. What main()
 * returns.
 */
int bench_ring(const char *path, const char *pid, const char *seconds);

#endif
