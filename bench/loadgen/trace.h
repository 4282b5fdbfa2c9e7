/* The edits that are sent: real Yjs updates of two writers who take turns, read from the folder $BENCH_DATA.
 * bench/trace.py makes them and describes the files. */
#ifndef TRACE_H
#define TRACE_H

#include "bytes.h"

struct update {
  u8 writer;
  u32 end_clock; /* its writer's Yjs clock after this update */
  u32 length;
  const u8 *data;
};

struct trace {
  struct update *updates; /* the even ones are writer 0's, the odd ones writer 1's */
  u32 count;
  u32 *end_clocks[2]; /* of each writer's updates, rising */
};

extern struct trace trace;

void trace_load(void); /* all end the process with a message if the file cannot be read */
struct bytes trace_big_document(void);
struct trace trace_of(const char *path); /* any other file of the same format, whoever wrote it; `end_clocks` stay empty */

#endif
