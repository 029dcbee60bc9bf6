/* Tests the model of the DRBD source: what is expected, what is missing, bad input, figures.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/test_drbd_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/memory.h"
#include "mib/ha-agentx-mib.h"
#include "subagent/sources/drbd/config.h"

#define PAIR                                                                                       \
	"<config><resource name='r0' conf-file-line='/etc/drbd.d/r0.res:1'>"                       \
	"<host name='n1'><volume vnr='0'><device minor='0'>/dev/drbd0</device>"                    \
	"<disk>/dev/sda</disk></volume><address family='ipv4' "                                    \
	"port='7788'>10.0.0.1</address></host>"                                                    \
	"<host name='n2'><volume vnr='0'><device minor='0'>/dev/drbd0</device>"                    \
	"<disk>/dev/sdb</disk></volume><address family='ipv4' "                                    \
	"port='7788'>10.0.0.2</address></host>"                                                    \
	"<connection><host name='n1'><address family='ipv4' port='7788'>10.0.0.1</address></host>" \
	"<host name='n2'><address family='ipv4' "                                                  \
	"port='7788'>10.0.0.2</address></host></connection>"                                       \
	"</resource></config>"

#define DUMP_84                                                                                    \
	"exists resource name:r0 role:Primary suspended:no write-ordering:flush\n"                 \
	"exists connection name:r0 peer-node-id:0 conn-name:peer connection:Connected "            \
	"role:Secondary "                                                                          \
	"congested:no\n"                                                                           \
	"exists device name:r0 volume:0 minor:0 disk:UpToDate size:100000 read:1 written:2 "       \
	"al-writes:3 bm-writes:4 upper-pending:5 lower-pending:6 al-suspended:no blocked:no\n"     \
	"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 "                       \
	"replication:Established "                                                                 \
	"peer-disk:UpToDate resync-suspended:no received:0 sent:7 out-of-sync:0 pending:0 "        \
	"unacked:0\n"                                                                              \
	"exists -\n"

#define DUMP_9                                                                                     \
	"exists resource name:r0 role:Secondary suspended:no force-io-failures:no "                \
	"write-ordering:flush may_promote:yes promotion_score:10101\n"                             \
	"exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connected "              \
	"role:Secondary "                                                                          \
	"congested:no ap-in-flight:3 rs-in-flight:4\n"                                             \
	"exists device name:r0 volume:0 minor:0 backing_dev:/dev/sda disk:UpToDate client:no "     \
	"open:no "                                                                                 \
	"quorum:yes size:100000 read:0 written:0 al-writes:0 bm-writes:0 upper-pending:0 "         \
	"lower-pending:0 al-suspended:no blocked:no\n"                                             \
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 replication:Established " \
	"peer-disk:UpToDate peer-client:no resync-suspended:no received:0 sent:0 out-of-sync:0 "   \
	"pending:0 unacked:0\n"                                                                    \
	"exists path name:r0 peer-node-id:1 conn-name:n2 local:ipv4:10.0.0.1:7788 "                \
	"peer:ipv4:10.0.0.2:7788 established:yes\n"                                                \
	"exists -\n"

static struct drbd_world world;

static int set_up(void **state)
{
	(void)state;
	drbd_world_open(&world);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	drbd_world_close(&world);
	return 0;
}

static void open_84(void)
{
	drbd_model_kernel(world.model, "8.4.11");
	drbd_world_expect(&world, "n1", PAIR);
	drbd_world_feed(&world, DUMP_84);
}

static void number_peer(void)
{
	struct drbd_config_parser *parser = drbd_config_begin("n1");
	struct drbd_config *config;

	assert_true(drbd_config_take(parser, PAIR, strlen(PAIR)));
	config = drbd_config_end(parser, true);
	assert_true(drbd_config_number(config, "/sbin/drbdsetup new-peer r0 1 --_name=n2", 40));
	drbd_model_config(world.model, config);
}

static void open_9(void)
{
	drbd_model_kernel(world.model, "9.2.18");
	number_peer();
	drbd_world_feed(&world, DUMP_9);
}

static void resource_is(const char *object, const char *value)
{
	assert_string_equal(
		drbd_world_text(&drbd_resource_table, drbd_world_resource("r0"), object), value);
}

static void volume_is(const char *object, const char *value)
{
	assert_string_equal(drbd_world_text(&drbd_volume_table, drbd_world_volume("r0", 0), object),
			    value);
}

static void peer_is(uint32_t node_id, const char *object, const char *value)
{
	assert_string_equal(
		drbd_world_text(&drbd_peer_table, drbd_world_peer("r0", node_id), object), value);
}

static void peer_volume_is(uint32_t node_id, const char *object, const char *value)
{
	assert_string_equal(drbd_world_text(&drbd_peer_volume_table,
					    drbd_world_peer_volume("r0", node_id, 0), object),
			    value);
}

/* DRBD 8.4 says "peer" and nothing of the path: the configuration knows. */
static void test_old_rows(void **state)
{
	(void)state;
	open_84();
	assert_int_equal(world.begun, 5);
	assert_int_equal(world.ended, 5);
	resource_is("haDrbdResourceConfigured", "true");
	resource_is("haDrbdResourceAutoPromote", "no");
	resource_is("haDrbdResourceMayPromote", "unknown");
	resource_is("haDrbdResourcePeersConnected", "1");
	peer_is(0, "haDrbdPeerName", "n2");
	peer_is(0, "haDrbdPeerProtocol", "c");
	peer_is(0, "haDrbdPeerLocalAddress", "ipv4:10.0.0.1:7788");
	peer_is(0, "haDrbdPeerPathsEstablished", "1");
	peer_is(0, "haDrbdPeerApInFlight", "0");
	peer_volume_is(0, "haDrbdPeerVolumePeerName", "n2");
	peer_volume_is(0, "haDrbdPeerVolumeSent", "7");
	volume_is("haDrbdVolumeBackingDevice", "/dev/sda");
	volume_is("haDrbdVolumeQuorum", "unknown");
	volume_is("haDrbdVolumeOpen", "unknown");
	assert_string_equal(drbd_world_scalars()->kernel_version, "8.4.11");
	assert_int_equal(drbd_world_scalars()->resources, 1);
}

static void test_new_rows(void **state)
{
	(void)state;
	open_9();
	resource_is("haDrbdResourcePromotionScore", "10101");
	resource_is("haDrbdResourceAutoPromote", "yes");
	peer_is(1, "haDrbdPeerRsInFlight", "4");
	peer_is(1, "haDrbdPeerPaths", "1");
	peer_is(1, "haDrbdPeerRemoteAddress", "ipv4:10.0.0.2:7788");
	volume_is("haDrbdVolumeOpen", "no");
	assert_int_equal(drbd_world_rows(&drbd_peer_table), 1);
}

static void must_be_missing(uint32_t node_id)
{
	resource_is("haDrbdResourceRowState", "missing");
	resource_is("haDrbdResourceRole", "unknown");
	resource_is("haDrbdResourceSuspended", "none");
	resource_is("haDrbdResourceSplitBrain", "unknown");
	resource_is("haDrbdResourceVolumes", "1");
	resource_is("haDrbdResourcePeers", "1");
	volume_is("haDrbdVolumeRowState", "missing");
	volume_is("haDrbdVolumeDisk", "unknown");
	volume_is("haDrbdVolumeDevice", "/dev/drbd0");
	volume_is("haDrbdVolumeSize", "-");
	peer_is(node_id, "haDrbdPeerRowState", "missing");
	peer_is(node_id, "haDrbdPeerConnection", "unknown");
	peer_is(node_id, "haDrbdPeerName", "n2");
	peer_volume_is(node_id, "haDrbdPeerVolumeRowState", "missing");
	peer_volume_is(node_id, "haDrbdPeerVolumeReplication", "unknown");
	peer_volume_is(node_id, "haDrbdPeerVolumeResyncDone", "-");
}

static void test_expected_and_down(void **state)
{
	(void)state;
	drbd_model_kernel(world.model, "9.2.18");
	number_peer();
	drbd_world_feed(&world, "exists -\n");
	must_be_missing(1);
}

static void test_down_and_up(void **state)
{
	(void)state;
	open_84();
	drbd_world_feed(&world, "destroy resource name:r0\n");
	must_be_missing(0);
	assert_int_equal(world.gone, 0);
	drbd_world_feed(&world, "create resource name:r0 role:Secondary suspended:no\n");
	resource_is("haDrbdResourceRowState", "fresh");
	volume_is("haDrbdVolumeRowState", "missing");
	drbd_world_feed(&world, "create device name:r0 volume:0 minor:0 disk:Diskless size:0\n");
	volume_is("haDrbdVolumeRowState", "missing");
	drbd_world_pass(&world, 1000); /* in which it might have got a disk */
	drbd_world_flush(&world);
	volume_is("haDrbdVolumeRowState", "fresh");
	volume_is("haDrbdVolumeDisk", "diskless");
	volume_is("haDrbdVolumeBackingDevice", "");
	volume_is("haDrbdVolumeRead", "-");
}

/* The module is unloaded, and the stream with it. */
static void test_module_gone(void **state)
{
	(void)state;
	open_84();
	drbd_model_kernel(world.model, "");
	drbd_world_flush(&world);
	must_be_missing(0);
	assert_string_equal(drbd_world_scalars()->kernel_version, "");
	assert_true(drbd_model_is_used(world.model));
	drbd_model_config(world.model, NULL);
	drbd_world_flush(&world);
	assert_null(drbd_world_resource("r0"));
	assert_int_equal(drbd_world_rows(&drbd_peer_volume_table), 0);
	assert_int_equal(drbd_world_scalars()->resources, 0);
	assert_false(drbd_model_is_used(world.model));
}

static void test_not_configured(void **state)
{
	(void)state;
	drbd_model_kernel(world.model, "9.2.18");
	drbd_world_feed(&world, DUMP_9);
	resource_is("haDrbdResourceConfigured", "false");
	peer_is(1, "haDrbdPeerConfigured", "false");
	peer_is(1, "haDrbdPeerName", "n2");
	peer_is(1, "haDrbdPeerProtocol", "unknown");
	drbd_world_feed(&world, "destroy connection name:r0 peer-node-id:1 conn-name:n2\n");
	assert_null(drbd_world_peer("r0", 1));
	assert_null(drbd_world_peer_volume("r0", 1, 0));
	drbd_world_feed(&world, "destroy device name:r0 volume:0\n");
	assert_null(drbd_world_volume("r0", 0));
	drbd_world_feed(&world, "destroy resource name:r0\n");
	assert_null(drbd_world_resource("r0"));
	assert_int_equal(world.gone, 4);
}

/* A failed down has removed the peers of DRBD 9: they are expected still. */
static void test_peer_removed(void **state)
{
	(void)state;
	open_9();
	drbd_world_feed(&world,
			"destroy path name:r0 peer-node-id:1 conn-name:n2 local:ipv4:10.0.0.1:7788 "
			"peer:ipv4:10.0.0.2:7788\n"
			"change connection name:r0 peer-node-id:1 connection:StandAlone\n"
			"destroy connection name:r0 peer-node-id:1 conn-name:n2\n");
	peer_is(1, "haDrbdPeerRowState", "missing");
	peer_is(1, "haDrbdPeerConnection", "unknown");
	peer_volume_is(1, "haDrbdPeerVolumeRowState", "missing");
	resource_is("haDrbdResourceRowState", "fresh");
	resource_is("haDrbdResourcePeersConnected", "0");
}

/* Its numbers unknown, a peer of DRBD 9 has no row until the kernel tells its number and name. */
static void test_peer_without_number(void **state)
{
	(void)state;
	drbd_model_kernel(world.model, "9.2.18");
	drbd_world_expect(&world, "n1", PAIR);
	drbd_world_feed(&world, "exists -\n");
	assert_int_equal(drbd_world_rows(&drbd_peer_table), 0);
	drbd_world_feed(
		&world,
		"create resource name:r0 role:Secondary\n"
		"create connection name:r0 peer-node-id:1 conn-name:n2 connection:Connecting\n");
	peer_is(1, "haDrbdPeerConfigured", "true");
	peer_is(1, "haDrbdPeerProtocol", "c");
}

/* Of a resource that is Secondary and alone: it may be on its way down. When it is not, what was
 * held back comes of itself, and in the dump for whoever wants all rows before that, nothing is
 * missing. */
static void test_alone_without_disk(void **state)
{
	(void)state;
	open_84();
	drbd_world_feed(&world, "change resource name:r0 role:Secondary\n"
				"change connection name:r0 peer-node-id:0 connection:StandAlone\n"
				"change device name:r0 volume:0 minor:0 disk:Failed\n"
				"change device name:r0 volume:0 minor:0 disk:Diskless\n");
	volume_is("haDrbdVolumeDisk", "upToDate");
	assert_int_equal(drbd_model_due(world.model), world.now + 80);
	drbd_world_pass(&world, 79);
	drbd_world_expect(&world, "n1", PAIR);
	drbd_world_report(&world);
	volume_is("haDrbdVolumeDisk", "upToDate");
	drbd_world_pass(&world, 1);
	drbd_world_flush(&world);
	volume_is("haDrbdVolumeDisk", "diskless");
	assert_int_equal(drbd_model_due(world.model), 0);
}

/* It is in use again before its time: then it is told at once. */
static void test_primary_without_disk(void **state)
{
	(void)state;
	open_84();
	drbd_world_feed(&world, "change resource name:r0 role:Secondary\n"
				"change connection name:r0 peer-node-id:0 connection:StandAlone\n"
				"change device name:r0 volume:0 minor:0 disk:Diskless\n");
	volume_is("haDrbdVolumeDisk", "upToDate");
	drbd_world_feed(&world, "change connection name:r0 peer-node-id:0 connection:Connecting\n");
	volume_is("haDrbdVolumeDisk", "diskless");
}

/* The stream of DRBD 8.4 destroys a connection that a fresh dump shows as StandAlone. */
static void test_old_disconnect(void **state)
{
	(void)state;
	open_84();
	drbd_world_feed(&world,
			"change connection name:r0 peer-node-id:0 conn-name:peer "
			"connection:Disconnecting role:Unknown\n"
			"change peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 "
			"replication:Off peer-disk:DUnknown\n"
			"change connection name:r0 peer-node-id:0 conn-name:peer "
			"connection:StandAlone\n"
			"destroy peer-device name:r0 peer-node-id:0 conn-name:peer volume:0\n"
			"destroy connection name:r0 peer-node-id:0 conn-name:peer\n");
	peer_is(0, "haDrbdPeerRowState", "fresh");
	peer_is(0, "haDrbdPeerConnection", "standAlone");
	peer_volume_is(0, "haDrbdPeerVolumeReplication", "off");
	peer_volume_is(0, "haDrbdPeerVolumeDisk", "dUnknown");
	resource_is("haDrbdResourceSplitBrain", "none");
	assert_true(drbd_world_poll(
		&world,
		"exists resource name:r0 role:Primary suspended:no\n"
		"exists connection name:r0 peer-node-id:0 connection:StandAlone role:Unknown\n"
		"exists device name:r0 volume:0 minor:0 disk:UpToDate\n"
		"exists peer-device name:r0 peer-node-id:0 volume:0 replication:Off "
		"peer-disk:DUnknown resync-suspended:no\nexists -\n"));
}

/* A source that starts and finds StandAlone does not know; connected, it does. */
static void test_found_alone(void **state)
{
	(void)state;
	drbd_model_kernel(world.model, "9.2.18");
	drbd_world_feed(&world, "exists resource name:r0 role:Primary\n"
				"exists connection name:r0 peer-node-id:1 conn-name:n2 "
				"connection:StandAlone role:Unknown\nexists -\n");
	resource_is("haDrbdResourceSplitBrain", "unknown");
	assert_int_equal(drbd_world_scalars()->split_brains, 0);
	drbd_world_feed(
		&world,
		"change connection name:r0 peer-node-id:1 connection:Connected role:Secondary\n"
		"create peer-device name:r0 peer-node-id:1 volume:0 replication:Established\n");
	resource_is("haDrbdResourceSplitBrain", "none");
}

/* An operator's disconnect of a Primary, connected or connecting, is no split brain. */
static void test_operator_disconnects(void **state)
{
	(void)state;
	open_9();
	drbd_world_feed(
		&world,
		"change resource name:r0 role:Primary\n"
		"change connection name:r0 peer-node-id:1 connection:Disconnecting role:Unknown\n"
		"change path name:r0 peer-node-id:1 local:ipv4:10.0.0.1:7788 "
		"peer:ipv4:10.0.0.2:7788 established:no\n"
		"change connection name:r0 peer-node-id:1 connection:StandAlone\n");
	resource_is("haDrbdResourceSplitBrain", "none");
	drbd_world_feed(&world,
			"change connection name:r0 peer-node-id:1 connection:Unconnected\n"
			"change connection name:r0 peer-node-id:1 connection:Connecting\n"
			"change connection name:r0 peer-node-id:1 connection:Disconnecting\n"
			"change connection name:r0 peer-node-id:1 connection:StandAlone\n");
	resource_is("haDrbdResourceSplitBrain", "none");
}

#define HANDSHAKE                                                                                  \
	"change connection name:r0 peer-node-id:1 connection:Connecting role:Unknown\n"            \
	"change peer-device name:r0 peer-node-id:1 volume:0 replication:Off peer-disk:DUnknown\n"  \
	"change path name:r0 peer-node-id:1 local:ipv4:10.0.0.1:7788 peer:ipv4:10.0.0.2:7788 "     \
	"established:yes\n"
#define REFUSED                                                                                    \
	"change connection name:r0 peer-node-id:1 connection:Disconnecting\n"                      \
	"change connection name:r0 peer-node-id:1 connection:StandAlone\n"

/* A Secondary that is refused has a wrong secret or option: its data is not in danger. */
static void test_refused(void **state)
{
	(void)state;
	open_9();
	drbd_world_feed(&world, HANDSHAKE REFUSED);
	resource_is("haDrbdResourceSplitBrain", "none");
	drbd_world_feed(&world, HANDSHAKE "change resource name:r0 role:Primary\n" REFUSED);
	resource_is("haDrbdResourceSplitBrain", "suspected");
	resource_is("haDrbdResourceSplitBrainPeer", "n2");
	assert_int_equal(drbd_world_resource("r0")->split_brain_time.wall, WORLD_WALL + world.now);
	drbd_world_feed(&world, "destroy resource name:r0\n");
	resource_is("haDrbdResourceSplitBrain", "suspected");
	assert_int_equal(drbd_world_scalars()->split_brains, 1);
}

/* DRBD's own policies resolve it: it is told none the less, for data is given up. */
static void test_resolved_by_policy(void **state)
{
	(void)state;
	open_9();
	drbd_world_feed(
		&world, HANDSHAKE
		"call helper name:r0 peer-node-id:1 conn-name:n2 volume:0 minor:0 "
		"helper:initial-split-brain\n"
		"change connection name:r0 peer-node-id:1 connection:Connected role:Secondary\n");
	resource_is("haDrbdResourceSplitBrain", "none");
	drbd_world_feed(&world,
			"change peer-device name:r0 peer-node-id:1 volume:0 replication:SyncSource "
			"out-of-sync:8\n");
	resource_is("haDrbdResourceSplitBrain", "resolving");
	drbd_world_feed(
		&world,
		"change peer-device name:r0 peer-node-id:1 volume:0 replication:Established "
		"out-of-sync:0\n");
	resource_is("haDrbdResourceSplitBrain", "none");
	assert_true(drbd_world_resource("r0")->split_brain_time.wall > 0);
}

static void test_unknown_words(void **state)
{
	(void)state;
	open_9();
	drbd_world_feed(&world,
			"change resource name:r0 role:Tertiary suspended:user,cosmic-rays new:key\n"
			"change device name:r0 volume:0 disk:Molten\n"
			"change connection name:r0 peer-node-id:1 connection:Entangled role:\n"
			"change peer-device name:r0 peer-node-id:1 volume:0 replication:Telepathy "
			"eta:nan done:nan\n");
	resource_is("haDrbdResourceRole", "other");
	resource_is("haDrbdResourceSuspended", "other,user");
	volume_is("haDrbdVolumeDisk", "other");
	peer_is(1, "haDrbdPeerConnection", "other");
	peer_is(1, "haDrbdPeerRole", "secondary");
	peer_volume_is(1, "haDrbdPeerVolumeReplication", "other");
	assert_int_equal(drbd_model_unknown_words(world.model), 5);
	assert_int_equal(drbd_model_rejected_lines(world.model), 0);
}

static void test_suspended(void **state)
{
	(void)state;
	open_9();
	drbd_world_feed(&world, "change resource name:r0 suspended:user,no-data,fencing,quorum\n");
	resource_is("haDrbdResourceSuspended", "user,noData,fencing,quorum");
	drbd_world_feed(&world, "change resource name:r0 suspended:user,quorum->no\n");
	resource_is("haDrbdResourceSuspended", "none");
}

/* None of these changes anything, and each is counted. */
static void test_bad_lines(void **state)
{
	static const char long_name[] =
		"create resource name:0123456789012345678901234567890123456789"
		"0123456789012345678901234";
	static const char *const lines[] = {
		"exists resource",
		"change resource name: role:Primary",
		"garbage",
		"change device name:r0 disk:Failed",
		"change device name:r0 volume:65536 disk:Failed",
		"change device name:r0 volume:x disk:Failed",
		"change connection name:r0 connection:StandAlone",
		"change connection name:r0 peer-node-id:32 connection:StandAlone",
		"change peer-device name:r0 peer-node-id:1 replication:Off",
		"change peer-device name:r0 volume:0 replication:Off",
		long_name,
		"change unicorn name:r0",
		"rename resource name:r0",
	};
	size_t count = sizeof(lines) / sizeof(*lines);

	(void)state;
	open_9();
	drbd_world_count(&world);
	for (size_t i = 0; i < count; i++) {
		drbd_world_feed(&world, lines[i]);
		assert_int_equal(drbd_model_rejected_lines(world.model), i + 1);
	}
	assert_int_equal(world.rows, 0);
	assert_int_equal(world.gone, 0);
	assert_false(drbd_model_is_torn(world.model));
}

/* These are fine, and mean nothing here. */
static void test_idle_lines(void **state)
{
	(void)state;
	open_9();
	drbd_world_count(&world);
	drbd_world_feed(
		&world,
		"change resource name:r0\n"
		"change peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0\n"
		"destroy resource name:r7\ndestroy device name:r0 volume:7\n"
		"destroy path name:r0 peer-node-id:1 local:a peer:b\n"
		"call helper name:r0 helper:x\ncall helper name:r7 peer-node-id:1 helper:x\n"
		"response helper name:r0 peer-node-id:1 helper:split-brain status:0\n"
		"call helper name:r0 peer-node-id:1 helper:disconnected\n"
		"rename resource name:r7 new_name:r8\nexists -\n");
	assert_int_equal(world.rows, 0);
	assert_int_equal(drbd_model_rejected_lines(world.model), 0);
}

static void test_torn(void **state)
{
	(void)state;
	open_9();
	drbd_world_feed(&world, "change device name:r0 volume:3 disk:UpToDate\n");
	assert_true(drbd_model_is_torn(world.model));
	drbd_model_begin(world.model);
	assert_false(drbd_model_is_torn(world.model));
	drbd_world_feed(&world, DUMP_9);
	assert_null(drbd_world_volume("r0", 3));
	assert_false(drbd_model_is_torn(world.model));
	drbd_world_feed(&world, "- skipped 2\n");
	assert_true(drbd_model_is_torn(world.model));
	drbd_model_begin(world.model);
	drbd_world_feed(&world, DUMP_9 "create device name:r5 volume:0 minor:9 disk:UpToDate\n");
	assert_true(drbd_model_is_torn(world.model));
	assert_null(drbd_world_resource("r5"));
	assert_null(drbd_world_volume("r5", 0));
}

static void test_rename(void **state)
{
	(void)state;
	open_9();
	drbd_world_count(&world);
	drbd_world_feed(&world, "rename resource name:r0 new_name:r1\n");
	assert_int_equal(drbd_world_resource("r1")->head.state, HaRowState_fresh);
	assert_non_null(drbd_world_volume("r1", 0));
	assert_non_null(drbd_world_peer("r1", 1));
	assert_non_null(drbd_world_peer_volume("r1", 1, 0));
	assert_int_equal(drbd_world_resource("r1")->configured, TruthValue_false);
	must_be_missing(1);
	assert_int_equal(world.gone, 4);
	drbd_world_feed(&world, "rename resource name:r1 new_name:r0\n");
	assert_null(drbd_world_resource("r1"));
	resource_is("haDrbdResourceRowState", "fresh");
	resource_is("haDrbdResourceConfigured", "true");
}

static void test_only_changes_are_reported(void **state)
{
	(void)state;
	open_9();
	drbd_world_count(&world);
	drbd_world_feed(&world, "change resource name:r0 role:Secondary\n");
	assert_int_equal(world.rows, 0);
	drbd_world_feed(&world, "change resource name:r0 role:Primary may_promote:no\n");
	assert_int_equal(world.rows, 1);
	drbd_world_pass(&world, 1000);
	assert_true(drbd_world_poll(
		&world,
		"exists resource name:r0 role:Primary suspended:no force-io-failures:no\n"
		"exists connection name:r0 peer-node-id:1 connection:Connected role:Secondary\n"
		"exists device name:r0 volume:0 minor:0 disk:UpToDate quorum:yes read:9\n"
		"exists peer-device name:r0 peer-node-id:1 volume:0 "
		"replication:Established peer-disk:UpToDate out-of-sync:0\nexists -\n"));
	assert_int_equal(world.rows, 3);
	assert_int_equal(drbd_world_volume("r0", 0)->read, 9);
}

/* A poll never changes a state: the stream may be ahead of it. */
static void test_poll_disagrees(void **state)
{
	char *text = memory_text(DUMP_9);
	char *role = strstr(text, "role:Secondary") + 5;

	(void)state;
	open_9();
	assert_true(drbd_world_poll(&world, DUMP_9));
	memcpy(role, "Primary  ", 9);
	assert_false(drbd_world_poll(&world, text));
	resource_is("haDrbdResourceRole", "secondary");
	assert_false(drbd_world_poll(&world, "exists -\n"));
	assert_false(drbd_world_poll(&world, ""));
	free(text);
	text = memory_text("exists resource name:new role:Primary\n" DUMP_9);
	assert_false(drbd_world_poll(&world, text));
	assert_null(drbd_world_resource("new"));
	assert_true(drbd_world_poll(&world, DUMP_9));
	free(text);
}

static void test_progress(void **state)
{
	(void)state;
	open_84();
	drbd_world_feed(&world,
			"change peer-device name:r0 peer-node-id:0 volume:0 replication:SyncSource "
			"peer-disk:Inconsistent out-of-sync:50001\n");
	assert_true(drbd_model_is_busy(world.model));
	peer_volume_is(0, "haDrbdPeerVolumeResyncDone", "4999");
	peer_volume_is(0, "haDrbdPeerVolumeResyncRate", "0");
	peer_volume_is(0, "haDrbdPeerVolumeResyncTimeLeft", "4294967295");
	for (unsigned int second = 1; second <= 4; second++) {
		char line[200];

		drbd_world_pass(&world, 1000);
		TEXT_PRINT(line,
			   "exists peer-device name:r0 peer-node-id:0 volume:0 "
			   "replication:SyncSource peer-disk:Inconsistent out-of-sync:%u\n",
			   50001 - second * 5000);
		drbd_world_poll(&world, line);
	}
	peer_volume_is(0, "haDrbdPeerVolumeResyncDone", "6999");
	peer_volume_is(0, "haDrbdPeerVolumeResyncRate", "5000");
	peer_volume_is(0, "haDrbdPeerVolumeResyncTimeLeft", "6");
	drbd_world_feed(
		&world,
		"change peer-device name:r0 peer-node-id:0 volume:0 replication:PausedSyncS "
		"resync-suspended:user\n");
	peer_volume_is(0, "haDrbdPeerVolumeResyncRate", "0");
	peer_volume_is(0, "haDrbdPeerVolumeResyncTimeLeft", "4294967295");
	drbd_world_feed(
		&world,
		"change peer-device name:r0 peer-node-id:0 volume:0 replication:Established "
		"peer-disk:UpToDate resync-suspended:no out-of-sync:0\n");
	peer_volume_is(0, "haDrbdPeerVolumeResyncDone", "10000");
	peer_volume_is(0, "haDrbdPeerVolumeResyncTimeLeft", "0");
	assert_false(drbd_model_is_busy(world.model));
}

/* DRBD 9 tells its own estimate. */
static void test_kernel_estimate(void **state)
{
	(void)state;
	open_9();
	drbd_world_feed(&world,
			"change peer-device name:r0 peer-node-id:1 volume:0 replication:SyncTarget "
			"done:49.99 out-of-sync:50001 eta:14\n");
	peer_volume_is(1, "haDrbdPeerVolumeResyncTimeLeft", "14");
	drbd_world_feed(
		&world,
		"change peer-device name:r0 peer-node-id:1 volume:0 out-of-sync:50001 eta:nan\n");
	peer_volume_is(1, "haDrbdPeerVolumeResyncTimeLeft", "4294967295");
}

/* The moment before the nodes part, not the last poll. */
static void test_last_in_sync(void **state)
{
	int64_t parted;

	(void)state;
	open_9();
	drbd_world_pass(&world, 5000);
	parted = WORLD_WALL + world.now;
	drbd_world_feed(&world,
			"change connection name:r0 peer-node-id:1 connection:NetworkFailure "
			"role:Unknown\n");
	drbd_world_pass(&world, 5000);
	drbd_world_feed(&world,
			"change peer-device name:r0 peer-node-id:1 volume:0 replication:Off "
			"peer-disk:DUnknown out-of-sync:40\n");
	assert_int_equal(drbd_world_peer_volume("r0", 1, 0)->last_in_sync.wall, parted);
	assert_int_equal(drbd_world_peer("r0", 1)->connection_time.wall, parted);
}

static void test_mounts(void **state)
{
	(void)state;
	open_84();
	drbd_model_mounts(
		world.model,
		"36 35 147:0 / /srv/my\\040data rw,relatime shared:1 - ext4 /dev/drbd0 rw\n"
		"37 35 147:0 / /second rw - ext4 /dev/drbd0 rw\n"
		"38 35 8:0 / /other rw - ext4 /dev/sda rw\n");
	drbd_world_flush(&world);
	volume_is("haDrbdVolumeMountPoint", "/srv/my data");
	volume_is("haDrbdVolumeOpen", "yes");
	drbd_model_mounts(world.model, "");
	drbd_world_flush(&world);
	volume_is("haDrbdVolumeMountPoint", "");
	volume_is("haDrbdVolumeOpen", "unknown");
}

static void test_client_is_excused(void **state)
{
	const struct column *disk = table_column(&drbd_volume_table, mib_haDrbdVolumeDisk);

	(void)state;
	open_9();
	drbd_world_feed(
		&world,
		"change device name:r0 volume:0 backing_dev:none disk:Diskless client:yes\n");
	assert_true(disk->watch->excused(drbd_world_volume("r0", 0)));
	volume_is("haDrbdVolumeBackingDevice", "");
	drbd_world_feed(&world, "change device name:r0 volume:0 client:no\n");
	assert_false(disk->watch->excused(drbd_world_volume("r0", 0)));
}

/* The volume goes before the connection: what a peer has of it goes with it. */
static void test_volume_removed(void **state)
{
	(void)state;
	drbd_model_kernel(world.model, "9.2.18");
	drbd_world_feed(&world, DUMP_9 "destroy device name:r0 volume:0\n");
	assert_null(drbd_world_volume("r0", 0));
	assert_null(drbd_world_peer_volume("r0", 1, 0));
	assert_non_null(drbd_world_peer("r0", 1));
}

/* DRBD 8.4 says Connected before the nodes have agreed on anything. */
static void test_old_handshake(void **state)
{
	(void)state;
	open_84();
	drbd_world_feed(&world,
			"change connection name:r0 peer-node-id:0 connection:NetworkFailure "
			"role:Unknown\n"
			"change connection name:r0 peer-node-id:0 connection:Connecting\n"
			"change connection name:r0 peer-node-id:0 connection:Connected\n");
	resource_is("haDrbdResourcePeersConnected", "0");
	drbd_world_feed(&world,
			"change connection name:r0 peer-node-id:0 connection:Disconnecting\n");
	resource_is("haDrbdResourceSplitBrain", "suspected");
}

static void test_figures_without_a_value(void **state)
{
	(void)state;
	drbd_model_kernel(world.model, "9.2.18");
	drbd_world_feed(
		&world,
		"exists resource name:r0 role:Secondary\n"
		"exists device name:r0 volume:0 minor:0 disk:UpToDate\n"
		"exists connection name:r0 peer-node-id:1 connection:Connected role:Secondary\n"
		"exists peer-device name:r0 peer-node-id:1 volume:0 replication:Established\n"
		"exists -\n");
	volume_is("haDrbdVolumeSize", "-");
	peer_volume_is(1, "haDrbdPeerVolumeOutOfSync", "-");
	peer_volume_is(1, "haDrbdPeerVolumeResyncDone", "-");
	drbd_world_feed(&world, "change peer-device name:r0 peer-node-id:1 volume:0 "
				"out-of-sync:18446744073709551615 pending:99999999999\n");
	assert_true(drbd_world_peer_volume("r0", 1, 0)->out_of_sync == UINT64_MAX);
	assert_true(drbd_world_peer_volume("r0", 1, 0)->pending == UINT32_MAX);
}

/* A tool that went mad makes the source neither grow for ever nor lose what was there. */
static void test_too_many(void **state)
{
	char line[100];

	(void)state;
	open_9();
	for (unsigned int i = 0; i < 5000; i++) {
		TEXT_PRINT(line, "create device name:r0 volume:%u minor:1\n", i);
		drbd_model_line(world.model, line, strlen(line) - 1);
		TEXT_PRINT(line, "create resource name:x%u\n", i);
		drbd_model_line(world.model, line, strlen(line) - 1);
	}
	drbd_world_flush(&world);
	assert_in_range(drbd_world_rows(&drbd_volume_table), 1000, 4096);
	assert_in_range(drbd_world_rows(&drbd_resource_table), 1000, 4096);
	assert_true(drbd_model_rejected_lines(world.model) > 1000);
	volume_is("haDrbdVolumeDisk", "upToDate");
}

static void test_kernel_changes(void **state)
{
	(void)state;
	drbd_model_kernel(world.model, "");
	number_peer();
	drbd_world_flush(&world);
	assert_non_null(drbd_world_peer("r0", 1));
	drbd_model_kernel(world.model, "8.4.11");
	drbd_world_flush(&world);
	assert_null(drbd_world_peer("r0", 1));
	peer_is(0, "haDrbdPeerName", "n2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_old_rows),
		TEST(test_new_rows),
		TEST(test_expected_and_down),
		TEST(test_down_and_up),
		TEST(test_module_gone),
		TEST(test_not_configured),
		TEST(test_peer_removed),
		TEST(test_peer_without_number),
		TEST(test_alone_without_disk),
		TEST(test_primary_without_disk),
		TEST(test_old_disconnect),
		TEST(test_found_alone),
		TEST(test_operator_disconnects),
		TEST(test_refused),
		TEST(test_resolved_by_policy),
		TEST(test_unknown_words),
		TEST(test_suspended),
		TEST(test_bad_lines),
		TEST(test_idle_lines),
		TEST(test_torn),
		TEST(test_rename),
		TEST(test_only_changes_are_reported),
		TEST(test_poll_disagrees),
		TEST(test_progress),
		TEST(test_kernel_estimate),
		TEST(test_last_in_sync),
		TEST(test_mounts),
		TEST(test_client_is_excused),
		TEST(test_volume_removed),
		TEST(test_old_handshake),
		TEST(test_figures_without_a_value),
		TEST(test_too_many),
		TEST(test_kernel_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
