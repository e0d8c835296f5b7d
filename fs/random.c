/*
 * random.c -- /dev/random, /dev/urandom and getrandom(2): ChaCha20's key stream.
 *
 * The key is mixed from the time-stamp counter and the date, at boot and at every read. Under
 * emulation both can be guessed, so this is unpredictable enough for temporary names and hash
 * seeds, and not for secrets; there is no source of true randomness here yet.
 *
 * Locks: random_lock around the key, at the rank of a cache of bytes; blocks are copied to the
 * reader without it. Source: RFC 8439, getrandom(2).
 */
#include "internal.h"

#include <arch/cpu.h>
#include <arch/uaccess.h>
#include <facet/syscalls.h>

#define BLOCK_WORDS 16
#define ROUNDS 20

#define GRND_NONBLOCK 1u
#define GRND_RANDOM 2u
#define GRND_INSECURE 4u

static struct spinlock random_lock = SPINLOCK_INIT(RANK_PAGE_CACHE);

/* RFC 8439, 2.3: four constants, the key, a counter, a nonce. */
static uint32_t state[BLOCK_WORDS] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

static uint32_t rotate(uint32_t value, unsigned bits)
{
	return value << bits | value >> (32 - bits);
}

static void quarter_round(uint32_t *words, unsigned a, unsigned b, unsigned c, unsigned d)
{
	words[a] += words[b];
	words[d] = rotate(words[d] ^ words[a], 16);
	words[c] += words[d];
	words[b] = rotate(words[b] ^ words[c], 12);
	words[a] += words[b];
	words[d] = rotate(words[d] ^ words[a], 8);
	words[c] += words[d];
	words[b] = rotate(words[b] ^ words[c], 7);
}

static void make_block(uint32_t block[BLOCK_WORDS])
{
	memcpy(block, state, sizeof(state));
	for (unsigned round = 0; round < ROUNDS; round += 2) {
		for (unsigned i = 0; i < 4; i++)
			quarter_round(block, i, 4 + i, 8 + i, 12 + i);
		for (unsigned i = 0; i < 4; i++)
			quarter_round(block, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
	}
	for (unsigned i = 0; i < BLOCK_WORDS; i++)
		block[i] += state[i];
	state[12]++;
}

/* Half of a block becomes the next key, so that what was given out cannot be computed back. */
static void next_block(uint32_t block[BLOCK_WORDS])
{
	spin_lock(&random_lock);
	make_block(block);
	for (unsigned i = 0; i < 8; i++)
		state[4 + i] = block[8 + i];
	spin_unlock(&random_lock);
}

static void stir(void)
{
	uint64_t counter = rdtsc(), date = clock_realtime_ns();

	spin_lock(&random_lock);
	state[4] ^= (uint32_t)counter;
	state[5] ^= (uint32_t)(counter >> 32);
	state[6] ^= (uint32_t)date;
	state[7] ^= (uint32_t)(date >> 32);
	spin_unlock(&random_lock);
}

/* Up to a page is never cut short by a signal: who asks for a key gets all of it. */
static ssize_t random_bytes(struct transfer *to)
{
	uint32_t block[BLOCK_WORDS];
	size_t size = to->left, done = 0;

	stir();
	while (done < size) {
		size_t part = MIN(size - done, sizeof(block) / 2), moved;

		next_block(block);
		moved = transfer_out(to, block, part);
		done += moved;
		if (moved < part)
			return done ? (ssize_t)done : -EFAULT;
		if (done % PAGE_SIZE == 0 && signal_pending(current_thread()))
			break;
	}
	return (ssize_t)done;
}

static ssize_t random_read(struct file *file, struct transfer *to, uint64_t offset)
{
	(void)file, (void)offset;
	return random_bytes(to);
}

/* There is no waiting for entropy, so nothing is what the flags could change. */
long sys_getrandom(void __user *buffer, size_t size, unsigned flags)
{
	struct transfer to;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	size = MIN(size, MAX_RW_COUNT);
	if (!user_range_ok((vaddr_t)buffer, size))
		return -EFAULT;
	transfer_init_user(&to, buffer, size);
	return random_bytes(&to);
}

static ssize_t random_write(struct file *file, struct transfer *from, uint64_t offset)
{
	uint32_t words[8];
	size_t size = from->left, done = 0;

	(void)file, (void)offset;
	while (done < size) {
		size_t part = MIN(size - done, sizeof(words)), moved;

		memset(words, 0, sizeof(words));
		moved = transfer_in(from, words, part);
		spin_lock(&random_lock);
		for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
			state[4 + i] ^= words[i];
		spin_unlock(&random_lock);
		done += moved;
		if (moved < part)
			return done ? (ssize_t)done : -EFAULT;
	}
	return (ssize_t)done;
}

const struct file_ops random_ops = {
	.read = random_read,
	.write = random_write,
	.positions_mean_nothing = true,
};
