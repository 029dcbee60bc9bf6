/* Answers GET and GETNEXT.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_SERVE_H
#define HA_SERVE_H

#include <stdbool.h>

struct line;
struct query;
struct reply;
struct value;
struct variable_list;

/* Append the answer to each range of the request to `reply`; false when one is broken. */
bool serve_query(struct line *line, struct query *query, struct reply *reply);

/* Put the answer into the variable itself: what the library's own handlers do. */
void serve_variable(struct line *line, struct variable_list *variable, bool next);

/* Give a variable of the library this value; its name stays as it is. */
void serve_value(struct variable_list *variable, const struct value *value);

#endif
