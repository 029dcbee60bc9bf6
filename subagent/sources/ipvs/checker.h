/* keepalived's checker process: it is asked for its data dump by a signal, and tells by that file
 * what its checks say.
 *
 * The file lies where anybody may put one: it is read only when it belongs to `owner', is a plain
 * file, and is not too large.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_CHECKER_H
#define HA_IPVS_CHECKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct checks;
struct watched_files;

struct checker {
	const char *pid_file, *data; /* paths, which outlive it; no pid file: nobody is asked */
	uid_t owner;
	struct watched_files *files; /* the pid file */
	pid_t pid;                   /* of the process; 0: it does not run */
	int fd;                      /* its pidfd, or -1 */
	int folder;       /* inotify(7) of the folder of the dump while that is waited for, or -1 */
	int64_t due;      /* clock_now() at which it is to be asked; 0: not at all */
	int64_t rest;     /* clock_now() until which it is left alone, whatever happens */
	int64_t asked;    /* clock_now() at which it was asked last */
	int64_t deadline; /* clock_now() at which the dump is given up; 0: none is waited for */
	const char *trouble; /* with what has come so far */
	bool answered;       /* this process has been asked once, whatever has come of it */
	char error[160];     /* why nothing is known; "" */
};

enum checker_news {
	CHECKER_NONE,
	CHECKER_SAYS,  /* a new dump */
	CHECKER_SILENT /* what it has said is no longer true: it has ended, or does not answer */
};

void checker_open(struct checker *checker, const char *pid_file, const char *data, uid_t owner);
void checker_close(struct checker *checker);

/* What its checks say may have changed: ask it as soon as may be. */
void checker_hurry(struct checker *checker);

/* Whether nothing that is soon to come is waited for. */
bool checker_is_settled(const struct checker *checker);

/* Go on, and register for the coming turn. What CHECKER_SAYS brings the caller frees. */
enum checker_news checker_turn(struct checker *checker, struct checks **checks);

#endif
