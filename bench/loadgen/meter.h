/* Clock, processor time and memory: of the server's processes, of this one, and of the whole machine. */
#ifndef METER_H
#define METER_H

#include "bytes.h"

u64 now(void); /* nanoseconds of CLOCK_MONOTONIC: every time that is compared comes from here */

void meter_watch(char *pids); /* "12,34": the processes that are the server; the text is cut up */
double server_cpu_s(void);

#define MOST_BESIDE 4
void meter_watch_beside(char *pids); /* one more group of processes, with their children as they are by then: a database, say */
int beside_count(void);
double beside_cpu_s(int group);
long server_rss_kb(void); /* resident; what several processes share (a library, what a fork has not changed) is counted once */
double own_cpu_s(void);
double machine_cpu_s(void); /* what all processes together have used */

#endif
