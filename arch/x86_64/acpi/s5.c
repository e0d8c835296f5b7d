/*
 * s5.c -- the one constant that is wanted of the firmware's programs: what to write to turn off.
 *
 * DSDT and SSDT are programs in AML, and in one of them stands
 * Name (_S5, Package () { a, b, ... }). Compilers write it as
 *
 *   08  ['\\'] '_' 'S' '5' '_'  12  length  count  value a  value b  ...
 *
 * so these bytes are looked for, and each of them is checked. Pure: tested on the host.
 * Source: ACPI specification 6.5, 7.4.2.6, 20.2.
 */
#include <facet/string.h>

#include "tables.h"

enum {
	AML_NAME = 0x08,
	AML_PACKAGE = 0x12,
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_BYTE = 0x0a,
	AML_WORD = 0x0b,
	AML_DWORD = 0x0c
};

struct aml {
	const uint8_t *at, *end;
};

/* The next byte, or -1 at the end. */
static int aml_byte(struct aml *aml)
{
	return aml->at < aml->end ? *aml->at++ : -1;
}

/* A length takes one to four bytes: the first one's upper two bits say how many follow. */
static bool aml_skip_length(struct aml *aml)
{
	int first = aml_byte(aml);

	if (first < 0 || first >> 6 > aml->end - aml->at)
		return false;
	aml->at += first >> 6;
	return true;
}

/* A small integer constant, or -1. */
static int aml_value(struct aml *aml)
{
	int opcode = aml_byte(aml), value;
	size_t more = 0;

	switch (opcode) {
	case AML_ZERO:
	case AML_ONE:
		return opcode;
	case AML_BYTE:
		break;
	case AML_WORD:
		more = 1;
		break;
	case AML_DWORD:
		more = 3;
		break;
	default:
		return -1;
	}
	value = aml_byte(aml);
	while (more--)
		if (aml_byte(aml) != 0)
			return -1;
	return value;
}

/* Reads what should be the package, behind its name. SLP_TYP has three bits. */
static bool read_s5_package(struct aml aml, struct acpi_info *info)
{
	int a, b;

	if (aml_byte(&aml) != AML_PACKAGE || !aml_skip_length(&aml) || aml_byte(&aml) < 2)
		return false;
	a = aml_value(&aml);
	b = aml_value(&aml);
	if (a < 0 || a > 7 || b < 0 || b > 7)
		return false;
	info->s5_a = (uint8_t)a;
	info->s5_b = (uint8_t)b;
	info->s5 = true;
	return true;
}

bool acpi_read_s5(const struct acpi_header *table, struct acpi_info *info)
{
	const uint8_t *start = (const uint8_t *)(table + 1);
	const uint8_t *end = (const uint8_t *)table + table->length;

	if (table->length < sizeof(*table))
		return false;
	for (const uint8_t *at = start; at + 4 <= end; at++) {
		bool named;

		if (*at != '_' || memcmp(at, "_S5_", 4) != 0)
			continue;
		named = (at - start >= 1 && at[-1] == AML_NAME) ||
			(at - start >= 2 && at[-1] == '\\' && at[-2] == AML_NAME);
		if (named && read_s5_package((struct aml){ at + 4, end }, info))
			return true;
	}
	return false;
}
