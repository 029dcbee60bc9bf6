/* resolv.conf as the C library reads it (resolv.conf(5); glibc's resolv/res_init.c).
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "subagent/sources/dns/resolver/resolv_conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/memory.h"

#define FILE_MAX (1 << 20)
#define PORT 53
#define BLANKS " \t"

/* RES_TIMEOUT, RES_DFLRETRY and their like of glibc's resolv/resolv-internal.h and resolv.h. */
#define TIMEOUT 5
#define TIMEOUT_MAX 30
#define ATTEMPTS 2
#define ATTEMPTS_MAX 5
#define NDOTS 1
#define NDOTS_MAX 15

/* What follows a keyword at the start of the line, without the blanks between; else NULL. */
static char *after_keyword(char *line, const char *keyword)
{
	size_t length = strlen(keyword);

	if (strncmp(line, keyword, length) != 0 || !line[length] || !strchr(BLANKS, line[length]))
		return NULL;
	return line + length + strspn(line + length, BLANKS);
}

/* The old forms of IPv4 addresses, too: 127.1, 0x7f000001. */
static bool parse_ipv4(struct address *address, const char *text)
{
	struct in_addr ipv4;

	/* inet_aton(3) would take white space behind an address, the C library's file does not. */
	if (strpbrk(text, "\r\v\f") || !inet_aton(text, &ipv4))
		return false;
	address->family = AF_INET;
	memcpy(address->octets, &ipv4, sizeof(ipv4));
	return true;
}

/* A zone that is not there is no error: the address then has none. */
static uint32_t scope_of(const struct in6_addr *ipv6, const char *zone)
{
	bool named = IN6_IS_ADDR_LINKLOCAL(ipv6) || IN6_IS_ADDR_MC_NODELOCAL(ipv6) ||
		     IN6_IS_ADDR_MC_LINKLOCAL(ipv6);
	uint32_t scope = named ? if_nametoindex(zone) : 0;
	unsigned long long number;
	char *end;

	if (scope || *zone < '0' || *zone > '9')
		return scope;
	number = strtoull(zone, &end, 10);
	return *end || number > UINT32_MAX ? 0 : (uint32_t)number;
}

static bool parse_ipv6(struct address *address, char *text)
{
	char *zone = strchr(text, '%');
	struct in6_addr ipv6;

	if (zone)
		*zone++ = '\0';
	if (inet_pton(AF_INET6, text, &ipv6) != 1)
		return false;
	address->family = AF_INET6;
	memcpy(address->octets, &ipv6, sizeof(ipv6));
	address->scope = zone ? scope_of(&ipv6, zone) : 0;
	return true;
}

static void take_server(struct resolv_conf *conf, char *text)
{
	struct address address = { .port = PORT };

	text[strcspn(text, BLANKS)] = '\0';
	if (!parse_ipv4(&address, text) && !parse_ipv6(&address, text))
		return;
	if (conf->servers_count < RESOLV_SERVERS_MAX)
		conf->servers[conf->servers_count] = address;
	conf->servers_count++;
}

/* The words of `text`, `words` at most, as one line of printable ASCII; as many as find room. */
static void put_search(struct resolv_conf *conf, const char *text, size_t words)
{
	size_t used = 0, length;

	memset(conf->search, 0, sizeof(conf->search));
	while (words-- && (length = strcspn(text, BLANKS))) {
		if (used + (used > 0) + length >= sizeof(conf->search))
			return;
		if (used)
			conf->search[used++] = ' ';
		for (size_t i = 0; i < length; i++)
			conf->search[used++] = text[i] > ' ' && text[i] <= '~' ? text[i] : '?';
		text += length;
		text += strspn(text, BLANKS);
	}
}

static void take_search(struct resolv_conf *conf, const char *text, size_t words)
{
	if (*text)
		put_search(conf, text, words);
}

/* As atoi(3) does: blanks before the number are skipped, and one that is too large for a long comes
 * out as -1. */
static int number_at(const char *text, int max)
{
	int number = (int)strtol(text, NULL, 10);

	return number < max ? number : max;
}

static bool take_number(const char *option, const char *name, int max, int *number)
{
	size_t length = strlen(name);

	if (strncmp(option, name, length) != 0)
		return false;
	*number = number_at(option + length, max);
	return true;
}

/* What the C library makes of numbers below the least: it waits for a second at least, makes no
 * attempt when there is to be none, and has four bits for ndots. */
static void take_option(struct resolv_conf *conf, const char *option)
{
	int number;

	if (take_number(option, "timeout:", TIMEOUT_MAX, &number))
		conf->timeout = number > 1 ? (uint32_t)number : 1;
	else if (take_number(option, "attempts:", ATTEMPTS_MAX, &number))
		conf->attempts = number > 0 ? (uint32_t)number : 0;
	else if (take_number(option, "ndots:", NDOTS_MAX, &number))
		conf->ndots = (uint32_t)number & NDOTS_MAX;
	else if (!strncmp(option, "rotate", strlen("rotate")))
		conf->rotate = true;
}

static void take_options(struct resolv_conf *conf, const char *text)
{
	while (*text) {
		take_option(conf, text);
		text += strcspn(text, BLANKS);
		text += strspn(text, BLANKS);
	}
}

/* Comments need no look: they begin with no keyword. */
static void take_line(struct resolv_conf *conf, char *line)
{
	char *rest;

	if ((rest = after_keyword(line, "domain")))
		take_search(conf, rest, 1);
	else if ((rest = after_keyword(line, "search")))
		take_search(conf, rest, SIZE_MAX);
	else if ((rest = after_keyword(line, "nameserver")))
		take_server(conf, rest);
	else if ((rest = after_keyword(line, "options")))
		take_options(conf, rest);
}

static void search_domain_of_host(struct resolv_conf *conf)
{
	char host[256] = "";
	const char *dot;

	gethostname(host, sizeof(host) - 1);
	dot = strchr(host, '.');
	if (dot)
		put_search(conf, dot + 1, 1);
}

static bool is_stub(const struct resolv_conf *conf)
{
	uint32_t used = resolv_conf_used(conf);

	for (uint32_t i = 0; i < used; i++) {
		const struct address *server = &conf->servers[i];

		if (server->family != AF_INET || memcmp(server->octets, "\177\0\0", 3) != 0 ||
		    (server->octets[3] != 53 && server->octets[3] != 54))
			return false;
	}
	return used > 0;
}

void resolv_conf_parse(struct resolv_conf *conf, const char *text, size_t length)
{
	char *copy = memory_new(length + 1, 1), *line = copy, *end;

	memset(conf, 0, sizeof(*conf));
	conf->timeout = TIMEOUT;
	conf->attempts = ATTEMPTS;
	conf->ndots = NDOTS;
	search_domain_of_host(conf);
	memcpy(copy, text, length);
	for (; line < copy + length; line = end + 1) {
		end = memchr(line, '\n', length - (size_t)(line - copy));
		if (!end)
			end = copy + length;
		*end = '\0';
		take_line(conf, line);
	}
	free(copy);
	conf->stub = is_stub(conf);
}

/* A pipe in the place of the file would be read by nobody else then; a device, often /dev/null, is
 * read as the C library reads it. */
static int error_of(int fd)
{
	struct stat facts;

	if (fd < 0 || fstat(fd, &facts) < 0)
		return errno;
	if (S_ISDIR(facts.st_mode))
		return EISDIR;
	return S_ISREG(facts.st_mode) || S_ISCHR(facts.st_mode) ? 0 : EINVAL;
}

/* How much was read; of a file that is longer than that, whole lines only. */
static size_t read_text(int fd, char *text, int *error)
{
	const char *last;
	size_t used = 0;
	ssize_t got = 0;

	while (used < FILE_MAX && (got = read(fd, text + used, FILE_MAX - used)) > 0)
		used += (size_t)got;
	if (got < 0) {
		*error = errno;
		return 0;
	}
	if (used < FILE_MAX)
		return used;
	last = memrchr(text, '\n', used);
	return last ? (size_t)(last - text) : 0;
}

void resolv_conf_read(struct resolv_conf *conf, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int error = error_of(fd);
	char *text = memory_new(FILE_MAX, 1);
	size_t length = error ? 0 : read_text(fd, text, &error);

	if (fd >= 0)
		close(fd);
	resolv_conf_parse(conf, text, length);
	conf->error = error;
	free(text);
}

uint32_t resolv_conf_used(const struct resolv_conf *conf)
{
	return conf->servers_count < RESOLV_USED_MAX ? conf->servers_count : RESOLV_USED_MAX;
}
