/* What every unit test starts with: cmocka, and a test as a sentence.
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef HA_CHECK_H
#define HA_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEST(sentence) static void sentence(void **state __attribute__((unused)))

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#endif
