/* Latencies of one measurement: buckets of about 1.5 % width, from 100 ns up. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include "bytes.h"

void histogram_reset(void);
void histogram_add(u64 nanoseconds);
double histogram_quantile_ms(double quantile); /* 0.99: what 99 % stay below; 0 if nothing was added */
double histogram_max_ms(void);

#endif
