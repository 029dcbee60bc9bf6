/* Status programs of commands: each asked again and again, none waited for.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/member/statuses.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/loop.h"
#include "lib/memory.h"
#include "lib/tool.h"
#include "mib/ha-agentx-mib.h"

/* Milliseconds. */
#define INTERVAL 2000    /* from one answer to the next question */
#define ANSWER_TIME 2000 /* that a program may take */
#define LOOK_INTERVAL 10 /* while one is running */

#define RUNNING_MAX 8 /* at the same time */

struct program {
	const char *const *argv;
	struct tool tool;
	int64_t deadline; /* of the one that is running */
	int64_t next;     /* clock_now() at which it is asked again */
	bool hurry;       /* at once, and what the one that is running says is old */
	struct status status;
};

struct statuses {
	struct program *programs;
	size_t count, running;
	bool news; /* something was settled in this turn */
};

struct statuses *statuses_new(void)
{
	return memory_new(1, sizeof(struct statuses));
}

void statuses_free(struct statuses *statuses)
{
	for (size_t i = 0; i < statuses->count; i++)
		tool_stop(&statuses->programs[i].tool);
	free(statuses->programs);
	free(statuses);
}

size_t statuses_add(struct statuses *statuses, const char *const *argv)
{
	struct program *program;

	statuses->programs =
		memory_resize(statuses->programs, statuses->count + 1, sizeof(*statuses->programs));
	program = &statuses->programs[statuses->count];
	*program = (struct program){
		.argv = argv,
		.tool = TOOL_NONE,
		.status.state = haGroupMemberState_unknown,
	};
	return statuses->count++;
}

const struct status *statuses_look(const struct statuses *statuses, size_t number)
{
	return &statuses->programs[number].status;
}

void statuses_hurry(struct statuses *statuses, size_t number)
{
	statuses->programs[number].hurry = statuses->programs[number].status.old = true;
}

static void settle(struct statuses *statuses, struct program *program, int32_t state)
{
	statuses->news = true;
	program->status.state = state;
	program->status.asked = true;
	program->status.old = program->hurry;
	program->next = clock_now() + INTERVAL;
	TEXT_PUT(program->status.error, "");
}

static void start(struct statuses *statuses, struct program *program)
{
	int error = tool_start(&program->tool, program->argv);

	program->hurry = false;
	if (error) {
		settle(statuses, program, haGroupMemberState_unknown);
		TEXT_PRINT(program->status.error, "%s cannot be run: %s", program->argv[0],
			   strerror(error));
		return;
	}
	statuses->running++;
	program->deadline = clock_now() + ANSWER_TIME;
}

/* What it writes is for persons: only read, so that it never waits for a reader. */
static void drain(int file)
{
	char chunk[4096];

	for (int i = 0; i < 16 && read(file, chunk, sizeof(chunk)) > 0; i++)
		;
}

static void attend(struct statuses *statuses, struct program *program)
{
	int status;

	drain(program->tool.out);
	drain(program->tool.err);
	if (tool_ended(&program->tool, &status)) {
		settle(statuses, program,
		       tool_exit_status(status) == 0 ? haGroupMemberState_started :
						       haGroupMemberState_stopped);
	} else if (clock_now() >= program->deadline) {
		settle(statuses, program, haGroupMemberState_unknown);
		TEXT_PRINT(program->status.error, "%s did not end within %d ms", program->argv[0],
			   ANSWER_TIME);
	} else {
		loop_wake(clock_now() + LOOK_INTERVAL);
		return;
	}
	tool_stop(&program->tool);
	statuses->running--;
}

bool statuses_turn(struct statuses *statuses)
{
	statuses->news = false;
	for (size_t i = 0; i < statuses->count; i++) {
		struct program *program = &statuses->programs[i];

		if (program->tool.pid)
			attend(statuses, program);
		if (!program->tool.pid && (program->hurry || clock_now() >= program->next) &&
		    statuses->running < RUNNING_MAX)
			start(statuses, program);
		/* One that is due and not running waits for another to end, which is looked at. */
		if (program->tool.pid)
			loop_wake(clock_now() + LOOK_INTERVAL);
		else if (clock_now() < program->next)
			loop_wake(program->next);
	}
	return statuses->news;
}
