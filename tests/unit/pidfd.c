/* What a test needs that holds processes.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/unit/pidfd.h"

#include <sys/pidfd.h>
#include <unistd.h>

#include "tests/unit/check.h"

void need_pidfd(void)
{
	int fd = pidfd_open(getpid(), 0);

	if (fd < 0)
		skip();
	close(fd);
}
