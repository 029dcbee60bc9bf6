/* Runs a fuzz target over files, and over mutations of them, where there is no libFuzzer.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 *	fuzz_TARGET [-n COUNT] FILE...
 *
 * COUNT mutations of each file follow it, the same ones in every run.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_INPUT 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t seed[SIZE_MAX_INPUT], input[SIZE_MAX_INPUT];

/* Memory of exactly this size, so that the sanitizers see one octet too far. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		abort();
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

/* Cut it, or set, flip, repeat some of its octets. */
static size_t mutate(size_t size)
{
	memcpy(input, seed, size);
	for (long times = 1 + random() % 4; times > 0 && size > 1; times--) {
		size_t where = (size_t)random() % size, length = (size_t)random() % (size - where);

		switch (random() % 4) {
		case 0:
			size = where + 1;
			break;
		case 1:
			input[where] = (uint8_t)random();
			break;
		case 2:
			input[where] ^= (uint8_t)(1U << random() % 8);
			break;
		default:
			if (size + length <= SIZE_MAX_INPUT) {
				memmove(input + where + length, input + where, size - where);
				size += length;
			}
		}
	}
	return size;
}

static int replay(const char *path, long mutations)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file) {
		perror(path);
		return EXIT_FAILURE;
	}
	size = fread(seed, 1, sizeof(seed), file);
	fclose(file);
	run(seed, size);
	srandom(1);
	for (; mutations > 0; mutations--)
		run(input, mutate(size));
	return EXIT_SUCCESS;
}

int main(int count, char **arguments)
{
	long mutations = 0;
	int status = EXIT_SUCCESS, first = 1;

	if (count > 2 && !strcmp(arguments[1], "-n")) {
		mutations = strtol(arguments[2], NULL, 10);
		first = 3;
	}
	if (first >= count) {
		fprintf(stderr, "usage: %s [-n COUNT] FILE...\n", arguments[0]);
		return EXIT_FAILURE;
	}
	for (int i = first; i < count; i++)
		status |= replay(arguments[i], mutations);
	return status;
}
