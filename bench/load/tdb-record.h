/* What the C programs of the benchmarks have of libtdb, whose header need not be installed, and how they read a record and the time. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct { unsigned char *dptr; size_t dsize; } TDB_DATA;
struct tdb_context;
struct tdb_context *tdb_open(const char *, int, int, int, mode_t);
int tdb_chainlock(struct tdb_context *, TDB_DATA);
int tdb_chainunlock(struct tdb_context *, TDB_DATA);
int tdb_store(struct tdb_context *, TDB_DATA, TDB_DATA, int);
int tdb_parse_record(struct tdb_context *, TDB_DATA, int (*)(TDB_DATA, TDB_DATA, void *), void *);

/* Of CTDB's record header. */
enum { HEADER_BYTES = 24, DMASTER_OFFSET = 8 };

/* The record that was read last. */
static unsigned char record[4096];
static size_t record_length;

static int copy_record(TDB_DATA key, TDB_DATA data, void *unused)
{
	(void)key; (void)unused;
	if (data.dsize > sizeof(record)) return -1;
	memcpy(record, data.dptr, data.dsize);
	record_length = data.dsize;
	return 0;
}

/* 0: there is such a record, with a header, and its dmaster is the node `pnn`. */
static int read_record(struct tdb_context *tdb, TDB_DATA key, unsigned pnn)
{
	unsigned dmaster;
	if (tdb_parse_record(tdb, key, copy_record, NULL) != 0 || record_length < HEADER_BYTES) return -1;
	memcpy(&dmaster, record + DMASTER_OFFSET, sizeof(dmaster));
	return dmaster == pnn ? 0 : -1;
}

static double now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}
