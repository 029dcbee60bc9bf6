/* What the facts say of the steps of a group's job: its resources, and its VRRP instance.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_REQUEST_GROUP_FACTS_H
#define HA_REQUEST_GROUP_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct board;
struct finding;
struct plan_step;
struct request;

/* Whether this node can take over without asking the other one: it has the address, its data are
 * current, and nobody is seen to be Primary. */
void group_judge_takeover(const struct board *board, const struct request *request,
			  struct finding *finding);

/* As request_kind has them. */
bool group_reached(const struct board *board, const struct request *request,
		   const struct plan_step *step);
int64_t group_patience(const struct board *board, const struct request *request,
		       const struct plan_step *step);
void group_explain(const struct board *board, const struct request *request,
		   const struct plan_step *step, struct finding *finding);

#endif
