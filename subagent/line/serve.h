/* Answers GET and GETNEXT, from what net-snmp has decoded.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SERVE_H
#define HA_SERVE_H

#include <stdbool.h>

struct line;
struct reply;
struct snmp_pdu;
struct value;
struct variable_list;

/* Append the answer to each variable of the request to `reply`. */
void serve_pdu(struct line *line, const struct snmp_pdu *request, bool next, struct reply *reply);

/* Put the answer into the variable itself: what the library's own handlers do. */
void serve_variable(struct line *line, struct variable_list *variable, bool next);

/* Give a variable of the library this value; its name stays as it is. */
void serve_value(struct variable_list *variable, const struct value *value);

#endif
