/* keepalived's processes: whether they run. The kernel tells at once when they end, and inotify
 * when they are there; a pid is believed when the process of that number is a keepalived.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_VRRP_PROCESS_H
#define HA_VRRP_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	char *pid_file;  /* of the parent */
	char *vrrp_file; /* of its VRRP process */
	struct watched_files *files;
	int fd, vrrp_fd;   /* pidfd, or -1 */
	int64_t next_look; /* clock_now() at which the VRRP process is looked for again; 0: never */
	int64_t pause;     /* milliseconds from one such look to the next */
	int64_t next_parent_look; /* the same of the parent */
	int64_t parent_pause;

	/* What has come of it: */
	pid_t pid;      /* of the parent; 0: it does not run */
	pid_t vrrp;     /* of its VRRP process; 0: there is none, or which one it is is not known */
	bool vrrp_gone; /* it has ended while the parent lives, and there is no other one yet */
	int64_t since;  /* milliseconds since 1970: it runs, or does not run */
	uint32_t starts;  /* how often either was seen to start */
	uint32_t version; /* grows with all that changes here */
	char error[160];  /* why that is not known; "" */
};

void process_open(struct process *process, const char *pid_file);
void process_close(struct process *process);

/* Look at what has changed, and register for the coming turn. */
void process_turn(struct process *process);

/* Send a signal to the VRRP process, or to the parent, which passes it on. 0, or an errno; EAGAIN:
 * it is not ready for this signal, so that it would be lost, or would end the process. */
int process_signal(const struct process *process, int number);

/* Whether somebody has stopped the VRRP process or the parent: SIGSTOP, a debugger, a frozen
 * control group is not seen. */
bool process_is_stopped(const struct process *process);

#endif
