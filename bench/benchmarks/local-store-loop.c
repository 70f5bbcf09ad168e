/* The same loop as local-store.ts on C libtdb: chain lock, parse the record, check its CTDB header, store, unlock.
 * usage: local-store-loop FILE FLAGS KEYS SECONDS; prints operations per second. The file holds the records already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <time.h>

typedef struct { unsigned char *dptr; size_t dsize; } TDB_DATA;
struct tdb_context;
struct tdb_context *tdb_open(const char *, int, int, int, mode_t);
int tdb_chainlock(struct tdb_context *, TDB_DATA);
int tdb_chainunlock(struct tdb_context *, TDB_DATA);
int tdb_store(struct tdb_context *, TDB_DATA, TDB_DATA, int);
int tdb_parse_record(struct tdb_context *, TDB_DATA, int (*)(TDB_DATA, TDB_DATA, void *), void *);

static unsigned char record[4096];
static size_t record_length;

static int parse(TDB_DATA key, TDB_DATA data, void *unused)
{
	(void)key; (void)unused;
	if (data.dsize > sizeof(record)) return -1;
	memcpy(record, data.dptr, data.dsize);
	record_length = data.dsize;
	return 0;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	if (argc != 5) return 2;
	struct tdb_context *tdb = tdb_open(argv[1], 0, atoi(argv[2]), O_RDWR, 0600);
	if (tdb == NULL) { perror("tdb_open"); return 1; }
	int keys = atoi(argv[3]);
	double seconds = atof(argv[4]), start = now(), end;
	unsigned long done = 0;
	do {
		for (int i = 0; i < 1000; i++, done++) {
			char name[32];
			TDB_DATA key = { (unsigned char *)name, sprintf(name, "local %d", (int)(done % keys)) };
			if (tdb_chainlock(tdb, key) != 0) return 1;
			if (tdb_parse_record(tdb, key, parse, NULL) != 0 || record_length < 32) return 1;
			unsigned dmaster, counter;
			memcpy(&dmaster, record + 8, 4);
			if (dmaster != 0) return 1;
			memcpy(&counter, record + 24, 4);
			counter++;
			memcpy(record + 24, &counter, 4);
			TDB_DATA data = { record, record_length };
			if (tdb_store(tdb, key, data, 1) != 0) return 1;
			if (tdb_chainunlock(tdb, key) != 0) return 1;
		}
		end = now();
	} while (end - start < seconds);
	printf("%f\n", done / (end - start));
	return 0;
}
