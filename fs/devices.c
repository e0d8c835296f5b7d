/*
 * devices.c -- character devices by number, and those that are no hardware: null, zero, full,
 * random, kmsg.
 *
 * Source: null(4), full(4), random(4); Linux's list of device numbers.
 */
#include "internal.h"

#include <facet/panic.h>

#define MAJOR_MEMORY 1

static struct {
	const char *name; /* NULL: no driver */
	const struct file_ops *(*ops_of)(uint32_t minor);
} drivers[DEVICE_MAJORS];

void device_register(uint32_t major, const char *name,
		     const struct file_ops *(*ops_of)(uint32_t minor))
{
	assert(major < DEVICE_MAJORS && !drivers[major].name);
	drivers[major].name = name;
	drivers[major].ops_of = ops_of;
}

const char *device_major_name(uint32_t major)
{
	return drivers[major].name;
}

const struct file_ops *device_ops(dev_t device)
{
	uint32_t major = device_major(device);

	if (major >= DEVICE_MAJORS || !drivers[major].name)
		return NULL;
	return drivers[major].ops_of(device_minor(device));
}

static ssize_t null_read(struct file *file, struct transfer *to, uint64_t offset)
{
	(void)file, (void)to, (void)offset;
	return 0;
}

static ssize_t null_write(struct file *file, struct transfer *from, uint64_t offset)
{
	(void)file, (void)offset;
	return (ssize_t)from->left;
}

static ssize_t zero_read(struct file *file, struct transfer *to, uint64_t offset)
{
	size_t size = to->left, done = transfer_out_zeros(to, size);

	(void)file, (void)offset;
	return done || !size ? (ssize_t)done : -EFAULT;
}

static ssize_t full_write(struct file *file, struct transfer *from, uint64_t offset)
{
	(void)file, (void)from, (void)offset;
	return -ENOSPC;
}

static const struct file_ops null_ops = {
	.read = null_read,
	.write = null_write,
	.positions_mean_nothing = true,
};

static const struct file_ops zero_ops = {
	.read = zero_read,
	.write = null_write,
	.positions_mean_nothing = true,
	.maps_as_anonymous = true,
};

static const struct file_ops full_ops = {
	.read = zero_read,
	.write = full_write,
	.positions_mean_nothing = true,
};

static const struct file_ops *memory_ops_of(uint32_t minor)
{
	switch (minor) {
	case 3:
		return &null_ops;
	case 5:
		return &zero_ops;
	case 7:
		return &full_ops;
	case 8:
	case 9:
		return &random_ops;
	case 11:
		return &kmsg_ops;
	default:
		return NULL;
	}
}

void memory_devices_init(void)
{
	device_register(MAJOR_MEMORY, "mem", memory_ops_of);
	device_node("null", S_IFCHR | 0666, device_number(MAJOR_MEMORY, 3));
	device_node("zero", S_IFCHR | 0666, device_number(MAJOR_MEMORY, 5));
	device_node("full", S_IFCHR | 0666, device_number(MAJOR_MEMORY, 7));
	device_node("random", S_IFCHR | 0666, device_number(MAJOR_MEMORY, 8));
	device_node("urandom", S_IFCHR | 0666, device_number(MAJOR_MEMORY, 9));
	device_node("kmsg", S_IFCHR | 0644, device_number(MAJOR_MEMORY, 11));
}
