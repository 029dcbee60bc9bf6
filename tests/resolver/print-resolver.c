/* Prints /etc/resolv.conf as the C library reads it, and as ha-agentx does: a line each.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

#include "subagent/sources/dns/resolver/resolv_conf.h"

#define SEARCH_WORDS 6 /* MAXDNSRCH: as many are in the C library's structure */

static void print_server(const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	address_print(address, text, sizeof(text));
	printf("%s ", text);
}

static void print_options(int timeout, int attempts, unsigned int ndots, bool rotate)
{
	printf("timeout:%d attempts:%d ndots:%u%s search", timeout, attempts, ndots,
	       rotate ? " rotate" : "");
}

static void print_word(const char *word)
{
	putchar(' ');
	for (; *word && *word != ' '; word++)
		putchar(*word > ' ' && *word <= '~' ? *word : '?');
}

/* A time-out below one second is one of a second there, and attempts below none are none. */
static void print_theirs(const struct __res_state *state)
{
	for (int i = 0; i < state->nscount; i++) {
		const void *ipv4 = &state->nsaddr_list[i], *ipv6 = state->_u._ext.nsaddrs[i];
		struct sockaddr_storage socket = { .ss_family = AF_UNSPEC };
		struct address address;

		if (state->nsaddr_list[i].sin_family == AF_INET)
			memcpy(&socket, ipv4, sizeof(struct sockaddr_in));
		else
			memcpy(&socket, ipv6, sizeof(struct sockaddr_in6));
		address_from_socket(&address, &socket);
		print_server(&address);
	}
	print_options(state->retrans > 1 ? state->retrans : 1, state->retry > 0 ? state->retry : 0,
		      state->ndots, state->options & RES_ROTATE);
	for (int i = 0; i < SEARCH_WORDS && state->dnsrch[i]; i++)
		print_word(state->dnsrch[i]);
	putchar('\n');
}

static void print_ours(const struct resolv_conf *conf)
{
	const char *word = conf->search;

	for (uint32_t i = 0; i < resolv_conf_used(conf); i++)
		print_server(&conf->servers[i]);
	if (!resolv_conf_used(conf))
		printf("127.0.0.1 ");
	print_options((int)conf->timeout, (int)conf->attempts, conf->ndots, conf->rotate);
	for (int i = 0; i < SEARCH_WORDS && *word; i++) {
		print_word(word);
		word += strcspn(word, " ");
		word += *word == ' ';
	}
	putchar('\n');
}

int main(void)
{
	struct __res_state state = { .options = 0 };
	struct resolv_conf conf;

	if (res_ninit(&state) < 0)
		puts("error");
	else
		print_theirs(&state);
	res_nclose(&state);
	resolv_conf_read(&conf, _PATH_RESCONF);
	print_ours(&conf);
	return 0;
}
