/* Processes that fight for records as Samba's do: chain lock, parse, store if the record is on this node, unlock, again at once.
 * usage: contenders FILE FLAGS PNN PROCESSES HOLD_US KEY...
 * Process i takes the key i modulo the number of keys. It begins at once and ends with its stdin; then prints how often all of
 * them stored. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "tdb-record.h"

enum { PROCESSES_MAX = 64 };

static int fight(char **argv, const char *name, unsigned pnn, double hold_us, volatile unsigned long *stores)
{
	struct tdb_context *tdb = tdb_open(argv[1], 0, atoi(argv[2]), O_RDWR, 0600);
	if (tdb == NULL) { perror("tdb_open"); return 1; }
	TDB_DATA key = { (unsigned char *)name, strlen(name) };
	for (;;) {
		if (tdb_chainlock(tdb, key) != 0) return 1;
		int here = read_record(tdb, key, pnn) == 0;
		if (here) {
			TDB_DATA data = { record, record_length };
			for (double end = now_us() + hold_us; now_us() < end;);
			if (tdb_store(tdb, key, data, 0) != 0) return 1;
			(*stores)++;
		}
		if (tdb_chainunlock(tdb, key) != 0) return 1;
		/* Samba would ask its daemon now; here somebody else does. */
		if (!here) usleep(200);
	}
}

int main(int argc, char **argv)
{
	if (argc < 7) return 2;
	unsigned pnn = atoi(argv[3]);
	int processes = atoi(argv[4]), keys = argc - 6;
	double hold_us = atof(argv[5]);
	pid_t pids[PROCESSES_MAX];
	if (processes > PROCESSES_MAX) return 2;
	unsigned long *stores = mmap(NULL, PROCESSES_MAX * sizeof(*stores), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stores == MAP_FAILED) return 1;
	for (int i = 0; i < processes; i++) {
		pids[i] = fork();
		if (pids[i] < 0) return 1;
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(fight(argv, argv[6 + i % keys], pnn, hold_us, &stores[i]));
		}
	}
	char byte;
	while (read(0, &byte, 1) > 0);
	unsigned long sum = 0;
	int failed = 0;
	for (int i = 0; i < processes; i++) {
		int status;
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
		failed |= WIFEXITED(status);
		sum += stores[i];
	}
	printf("%lu\n", sum);
	return failed;
}
