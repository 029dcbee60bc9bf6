/* Starts and ends nfsdcld(8), which remembers the clients of NFSv4 for the kernel.
 *
 * It is found in /proc by what runs, not by pgrep(1) nor by a file with its number.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_NFSD_TRACKER_H
#define HA_NFSD_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

struct step_result;
struct tool_result;

struct tracker {
	const char *storage; /* of the member; its data base lies below */
	int64_t deadline;
	struct step_result *result;
	struct tool_result *tool; /* of the program that ran last */
	const char *what;         /* is not so */
};

/* Whether one runs, of whatever data base. */
bool tracker_runs(void);

/* Have one run with the data base in the storage, and no other one: that would have the wrong
 * clients. It looks out for the kernel then, or has not got so far for seconds. False: none runs,
 * and the result says why. */
bool tracker_start(const struct tracker *tracker);

/* End all there are. */
bool tracker_end(const struct tracker *tracker);

#endif
