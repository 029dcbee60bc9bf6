/* Has drbdadm tell its version and its configuration, beside the loop.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/drbd/loader.h"

#include <errno.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/memory.h"
#include "lib/settings.h"
#include "subagent/sources/drbd/config.h"

#define DEADLINE 10000 /* milliseconds: drbdadm of a large configuration on a loaded machine */

static const char *const verbs[] = {
	[DRBD_LOADER_VERSION] = "--version",
	[DRBD_LOADER_DUMP] = "dump-xml",
	[DRBD_LOADER_NUMBERS] = "new-peer",
};

static void start_step(struct drbd_loader *loader, enum drbd_loader_step step);

static void end_attempt(struct drbd_loader *loader)
{
	loader->step = DRBD_LOADER_IDLE;
	loader->attempts++;
	if (loader->config) {
		drbd_config_free(loader->made);
		loader->made = loader->config;
		loader->config = NULL;
	}
}

static void fail(struct drbd_loader *loader, const char *why)
{
	char error[sizeof(loader->error)];

	TEXT_PRINT(error, "%s %s: %s", loader->settings->drbdadm, verbs[loader->step], why);
	if (strcmp(loader->error, error) != 0)
		log_warning("%s", error);
	TEXT_PUT(loader->error, error);
}

/* "DRBDADM_VERSION=9.22.0": the other lines are for other programs. */
static void take_version(void *argument, const char *octets, size_t length)
{
	static const char key[] = "DRBDADM_VERSION=";
	struct drbd_loader *loader = argument;

	if (length > strlen(key) && !memcmp(octets, key, strlen(key)))
		text_put_part(loader->version, sizeof(loader->version), octets + strlen(key),
			      length - strlen(key));
}

static void take_number(void *argument, const char *octets, size_t length)
{
	struct drbd_loader *loader = argument;

	drbd_config_number(loader->config, octets, length);
}

static void take_output(void *argument, const char *octets, size_t length)
{
	struct drbd_loader *loader = argument;

	if (loader->step == DRBD_LOADER_VERSION)
		events2_take(&loader->lines, octets, length, take_version, loader);
	else if (loader->step == DRBD_LOADER_NUMBERS)
		events2_take(&loader->lines, octets, length, take_number, loader);
	else if (!drbd_config_take(loader->parser, octets, length))
		drbd_run_stop(&loader->run);
}

static void explain(const struct drbd_run *run, enum drbd_run_end end, char *why, size_t size)
{
	if (end == DRBD_RUN_LATE)
		text_print(why, size, "no end after %d s", DEADLINE / 1000);
	else if (end == DRBD_RUN_STOPPED)
		text_print(why, size, "not well-formed");
	else
		text_print(why, size, "status %d%s%s", run->status, run->error[0] ? ": " : "",
			   run->error);
}

static void end_dump(struct drbd_loader *loader, enum drbd_run_end end)
{
	bool good = end == DRBD_RUN_EXITED && loader->run.status == 0;
	char why[160];

	loader->config = drbd_config_end(loader->parser, good);
	loader->parser = NULL;
	if (!loader->config) {
		explain(&loader->run, good ? DRBD_RUN_STOPPED : end, why, sizeof(why));
		fail(loader, why);
		end_attempt(loader);
	} else if (loader->numbers_wanted) {
		TEXT_PUT(loader->error, "");
		start_step(loader, DRBD_LOADER_NUMBERS);
	} else {
		TEXT_PUT(loader->error, "");
		end_attempt(loader);
	}
}

/* The drbdadm of DRBD 8.4 fails at the numbers, and needs none. */
static void end_step(void *argument, enum drbd_run_end end)
{
	struct drbd_loader *loader = argument;

	events2_end(&loader->lines);
	if (loader->step == DRBD_LOADER_VERSION)
		start_step(loader, DRBD_LOADER_DUMP);
	else if (loader->step == DRBD_LOADER_DUMP)
		end_dump(loader, end);
	else
		end_attempt(loader);
}

static void start_step(struct drbd_loader *loader, enum drbd_loader_step step)
{
	const char *const numbers[] = { loader->settings->drbdadm, "--dry-run", "new-peer", "all",
					NULL };
	const char *const others[] = { loader->settings->drbdadm, verbs[step], NULL };
	const char *const *argv = step == DRBD_LOADER_NUMBERS ? numbers : others;
	int error = drbd_run_start(&loader->run, argv, clock_now() + DEADLINE);

	loader->step = step;
	if (error) {
		fail(loader, strerror(error));
		if (error == ENOENT)
			TEXT_PUT(loader->version, "");
		end_attempt(loader);
	} else if (step == DRBD_LOADER_DUMP) {
		loader->parser = drbd_config_begin(loader->settings->node);
	}
}

void drbd_loader_open(struct drbd_loader *loader, const struct settings *settings)
{
	memset(loader, 0, sizeof(*loader));
	loader->settings = settings;
	loader->run = (struct drbd_run)DRBD_RUN_NONE(take_output, end_step, loader);
}

void drbd_loader_request(struct drbd_loader *loader, bool numbers)
{
	loader->wanted = true;
	loader->numbers_wanted = numbers;
}

void drbd_loader_turn(struct drbd_loader *loader)
{
	drbd_run_turn(&loader->run);
	if (loader->step != DRBD_LOADER_IDLE || !loader->wanted || drbd_run_is_active(&loader->run))
		return;
	loader->wanted = false;
	start_step(loader, loader->version[0] ? DRBD_LOADER_DUMP : DRBD_LOADER_VERSION);
	drbd_run_turn(&loader->run);
}

struct drbd_config *drbd_loader_take(struct drbd_loader *loader)
{
	struct drbd_config *made = loader->made;

	loader->made = NULL;
	return made;
}

void drbd_loader_close(struct drbd_loader *loader)
{
	drbd_run_stop(&loader->run);
	if (loader->parser)
		drbd_config_end(loader->parser, false);
	drbd_config_free(loader->config);
	drbd_config_free(loader->made);
}
