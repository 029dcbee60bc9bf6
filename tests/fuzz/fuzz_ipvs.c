/* Fuzzes what the kernel and keepalived say about IPVS: any octets are messages and dumps that are
 * taken or refused.
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * An input is an answer of the kernel, message behind message. Each is read as everything that it
 * might be, and what is understood goes through the model to rows. It is read as a dump of
 * keepalived's checks as well.
 */
#include "subagent/sources/ipvs/wire.h"

#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/settings_ipvs.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/report.h"
#include "subagent/sources/ipvs/checks.h"
#include "subagent/sources/ipvs/model.h"
#include "subagent/sources/ipvs/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static const struct settings_ipvs settings = { .interval = 1000, .keep = 1000 };

static void take_service(struct ipvs_model *model, struct nlmsghdr *message)
{
	struct ipvs_service service;

	if (!ipvs_wire_service(message, &service))
		return;
	REQUIRE(service.key.address.family == AF_INET || service.key.address.family == AF_INET6);
	REQUIRE(memchr(service.scheduler, '\0', sizeof(service.scheduler)));
	ipvs_model_take_service(model, &service);
}

static void take_real(struct ipvs_model *model, struct nlmsghdr *message)
{
	struct ipvs_real real;

	if (!ipvs_wire_real(message, AF_INET, &real))
		return;
	REQUIRE(real.address.family == AF_INET || real.address.family == AF_INET6);
	REQUIRE(mib_label_of(haIpvsRealForwarding_labels, real.forwarding));
	for (size_t i = 0; i < ipvs_model_count(model); i++)
		ipvs_model_take_real(model, i, &real);
}

static void take_message(struct ipvs_model *model, struct nlmsghdr *message)
{
	uint16_t family;
	uint32_t number;

	ipvs_wire_family(message, "IPVS", &family);
	ipvs_wire_version(message, &number);
	ipvs_wire_daemon(message, &number);
	REQUIRE(ipvs_wire_error(message) >= 0);
	take_service(model, message);
	take_real(model, message);
}

/* A collection out of all messages; the next one finds nothing, and all is forgotten. */
static void collect(struct ipvs_model *model, struct nlmsghdr *message, int left, int64_t now)
{
	ipvs_model_begin(model, now, now);
	ipvs_model_begin_services(model);
	for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left))
		take_message(model, message);
	ipvs_model_end_services(model, true);
	for (size_t i = 0; i < ipvs_model_count(model); i++)
		if (ipvs_model_key(model, i))
			ipvs_model_end_reals(model, i, true);
	ipvs_model_end(model);
}

/* A service and a server that dumps may speak of. */
static void check(struct ipvs_model *model, const uint8_t *data, size_t size)
{
	struct ipvs_key key = { .protocol = HaIpvsProtocol_tcp };
	struct checks *checks = checks_read((const char *)data, size);
	const struct checks_virtual *found;

	if (!checks)
		return;
	REQUIRE(address_parse(&key.address, "10.77.0.110", 80));
	found = checks_find(checks, &key);
	if (found) {
		REQUIRE(mib_label_of(haIpvsServiceQuorum_labels, checks_quorum(found)));
		REQUIRE(mib_label_of(haIpvsRealCheck_labels, checks_real(found, &key.address)));
	}
	ipvs_model_take_checks(model, checks);
	checks_free(checks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *copy = malloc(size ? size : 1);
	struct ipvs_model *model = ipvs_model_new(&settings);

	REQUIRE(copy);
	memcpy(copy, data, size);
	report_hold(true);
	collect(model, copy, (int)size, 1000);
	check(model, data, size);
	collect(model, copy, 0, 2000);
	collect(model, copy, 0, 3000);
	REQUIRE(ipvs_model_count(model) == 0);
	ipvs_model_free(model);
	free(copy);
	return 0;
}
