/* The same loop as local-store.ts on C libtdb: chain lock, parse the record, check its CTDB header, store, unlock.
 * usage: local-store-loop FILE FLAGS KEYS SECONDS; prints operations per second. The file holds the records already. */
#include "../load/tdb-record.h"

int main(int argc, char **argv)
{
	if (argc != 5) return 2;
	struct tdb_context *tdb = tdb_open(argv[1], 0, atoi(argv[2]), O_RDWR, 0600);
	if (tdb == NULL) { perror("tdb_open"); return 1; }
	int keys = atoi(argv[3]);
	double limit_us = atof(argv[4]) * 1e6, start_us = now_us(), spent_us;
	unsigned long done = 0;
	do {
		for (int i = 0; i < 1000; i++, done++) {
			char name[32];
			TDB_DATA key = { (unsigned char *)name, sprintf(name, "local %d", (int)(done % keys)) };
			if (tdb_chainlock(tdb, key) != 0) return 1;
			if (read_record(tdb, key, 0) != 0 || record_length < HEADER_BYTES + sizeof(unsigned)) return 1;
			unsigned counter;
			memcpy(&counter, record + HEADER_BYTES, sizeof(counter));
			counter++;
			memcpy(record + HEADER_BYTES, &counter, sizeof(counter));
			TDB_DATA data = { record, record_length };
			if (tdb_store(tdb, key, data, 1) != 0) return 1;
			if (tdb_chainunlock(tdb, key) != 0) return 1;
		}
		spent_us = now_us() - start_us;
	} while (spent_us < limit_us);
	printf("%f\n", done * 1e6 / spent_us);
	return 0;
}
