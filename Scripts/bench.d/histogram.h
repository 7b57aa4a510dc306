// A histogram of times in nanoseconds with 256 steps to each power of two: under 0.4 % of error, no allocation.
#pragma once
#include <stdint.h>
#include <string.h>

enum { HISTOGRAM_BITS = 8, HISTOGRAM_STEPS = 1 << HISTOGRAM_BITS, HISTOGRAM_SLOTS = (64 - HISTOGRAM_BITS) * HISTOGRAM_STEPS };

struct histogram {
    uint64_t count, largest;
    uint64_t slots[HISTOGRAM_SLOTS];
};

static inline void histogram_clear(struct histogram *histogram) {
    memset(histogram, 0, sizeof *histogram);
}

static inline void histogram_add(struct histogram *histogram, uint64_t value) {
    unsigned shift = 63u - (unsigned)__builtin_clzll(value | HISTOGRAM_STEPS) - HISTOGRAM_BITS;
    // Values below two powers of the step count fall into slots of one; above, the leading bits choose the slot.
    uint64_t slot = shift * (uint64_t)HISTOGRAM_STEPS + (value >> shift);
    histogram->slots[slot < HISTOGRAM_SLOTS ? slot : HISTOGRAM_SLOTS - 1]++;
    histogram->count++;
    if (value > histogram->largest) histogram->largest = value;
}

// The middle of the slot below which `share` of the values lie.
static inline double histogram_quantile(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)(share * (double)histogram->count + 0.5), seen = 0;
    if (histogram->count == 0) return 0;
    for (uint64_t slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
        seen += histogram->slots[slot];
        if (seen >= wanted && seen > 0) {
            uint64_t shift = slot < 2 * HISTOGRAM_STEPS ? 0 : slot / HISTOGRAM_STEPS - 1;
            return ((double)(slot - shift * HISTOGRAM_STEPS) + 0.5) * (double)(UINT64_C(1) << shift);
        }
    }
    return (double)histogram->largest;
}
