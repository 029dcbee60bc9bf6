/* What is known of the load balancer: all virtual services, those that are gone as well.
 *
 * It asks nobody: whoever asks the kernel names here what there is, and rows are reported as they
 * change.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_IPVS_MODEL_H
#define HA_IPVS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct checks;
struct ipvs_key;
struct ipvs_memory;
struct ipvs_model;
struct ipvs_real;
struct ipvs_service;
struct settings_ipvs;

/* Services that the settings expect are there from the start, as missing. The settings outlive it.
 */
struct ipvs_model *ipvs_model_new(const struct settings_ipvs *settings);
void ipvs_model_free(struct ipvs_model *model);

/* Something was so before the source was started. Before the first collection, which finds out what
 * of it is still there. */
void ipvs_model_remember(struct ipvs_model *model, const struct ipvs_memory *memory);

/* Everything that is to be remembered, service by service. */
void ipvs_model_recite(const struct ipvs_model *model,
		       void (*take)(void *argument, const struct ipvs_memory *memory),
		       void *argument);

/* How often a state has changed or something was forgotten: while it is the same, so is what is to
 * be remembered. */
uint32_t ipvs_model_moves(const struct ipvs_model *model);

/* A collection begins at this time (clock_now(), clock_wall()). Its parts follow in this order:
 * all services, then the servers of each. */
void ipvs_model_begin(struct ipvs_model *model, int64_t now, int64_t wall);

/* Between these two, name every service that the kernel has. `whole': the list was made at one
 * moment, nothing can have slipped through. False: it must be asked for again, for some are missing
 * that may be there. */
void ipvs_model_begin_services(struct ipvs_model *model);
void ipvs_model_take_service(struct ipvs_model *model, const struct ipvs_service *found);
bool ipvs_model_end_services(struct ipvs_model *model, bool whole);

/* How many services there are, and what the kernel is to be asked about one; NULL: it has it not.
 */
size_t ipvs_model_count(const struct ipvs_model *model);
const struct ipvs_key *ipvs_model_key(const struct ipvs_model *model, size_t service);

/* The same for the servers of one service. */
void ipvs_model_begin_reals(struct ipvs_model *model, size_t service);
void ipvs_model_take_real(struct ipvs_model *model, size_t service, const struct ipvs_real *found);
bool ipvs_model_end_reals(struct ipvs_model *model, size_t service, bool whole);

/* The collection has ended: what was removed too long ago is forgotten. */
void ipvs_model_end(struct ipvs_model *model);

/* What keepalived's checks say; NULL: nothing, any more. */
void ipvs_model_take_checks(struct ipvs_model *model, const struct checks *checks);

/* Report rows that wait for their turn; when to call again (clock_now()), 0: none wait. */
int64_t ipvs_model_turn(struct ipvs_model *model, int64_t now);

/* Report every row of a table as it is. */
void ipvs_model_report_services(const struct ipvs_model *model);
void ipvs_model_report_reals(const struct ipvs_model *model);

#endif
