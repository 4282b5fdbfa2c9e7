#include "histogram.h"

/* The first 128 buckets hold one unit (100 ns) each; after that every doubling is cut into 64 buckets. */
#define UNIT_NS 100
#define LINEAR 128
#define PER_DOUBLING 64
#define BUCKETS (48 * LINEAR)

static u64 buckets[BUCKETS], added, longest_ns;

void histogram_reset(void) {
  memset(buckets, 0, sizeof buckets);
  added = longest_ns = 0;
}

void histogram_add(u64 nanoseconds) {
  u64 units = nanoseconds / UNIT_NS;
  size_t bucket = units;
  if (units >= LINEAR) {
    int doubling = 63 - __builtin_clzll(units) - 6;
    bucket = LINEAR + (doubling - 1) * PER_DOUBLING + ((units >> doubling) - PER_DOUBLING);
  }
  if (bucket >= BUCKETS) bucket = BUCKETS - 1;
  buckets[bucket]++;
  added++;
  if (nanoseconds > longest_ns) longest_ns = nanoseconds;
}

static double middle_ns(size_t bucket) {
  if (bucket < LINEAR) return (bucket + 0.5) * UNIT_NS;
  int doubling = (bucket - LINEAR) / PER_DOUBLING + 1;
  u64 mantissa = (bucket - LINEAR) % PER_DOUBLING + PER_DOUBLING;
  return (double)((mantissa << doubling) + (1ull << doubling) / 2) * UNIT_NS;
}

double histogram_quantile_ms(double quantile) {
  u64 wanted = added * quantile, seen = 0;
  for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
    seen += buckets[bucket];
    if (seen > wanted) return middle_ns(bucket) / 1e6;
  }
  return 0;
}

double histogram_max_ms(void) {
  return longest_ns / 1e6;
}
