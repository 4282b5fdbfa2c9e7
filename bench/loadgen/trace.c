#include "trace.h"

#include <stdio.h>

#define HEAD 9 /* bytes before each update: 1 writer, 4 end clock, 4 length, little-endian */

struct trace trace;

static void fail(const char *path, const char *why) {
  fprintf(stderr, "%s: %s\n", path, why);
  exit(1);
}

static struct bytes read_file(const char *name) {
  static char path[1024];
  const char *folder = getenv("BENCH_DATA");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
  FILE *file = fopen(path, "rb");
  if (!file) fail(path, "cannot be opened (the folder is BENCH_DATA's)");
  fseek(file, 0, SEEK_END);
  struct bytes content = {.length = ftell(file)};
  rewind(file);
  content.data = malloc(content.length + 1);
  if (fread(content.data, 1, content.length, file) != content.length) fail(path, "cannot be read");
  fclose(file);
  return content;
}

void trace_load(void) {
  struct bytes content = read_file("frames.bin");
  u32 capacity = content.length / (HEAD + 1) + 1;
  trace.updates = malloc(capacity * sizeof *trace.updates);
  for (int writer = 0; writer < 2; writer++) trace.end_clocks[writer] = malloc((capacity / 2 + 1) * sizeof(u32));
  for (size_t at = 0; at + HEAD < content.length;) {
    struct update update = {.data = content.data + at + HEAD};
    u8 writer = content.data[at];
    memcpy(&update.end_clock, content.data + at + 1, 4);
    memcpy(&update.length, content.data + at + 5, 4);
    if (writer != (trace.count & 1)) fail("frames.bin", "the writers must take turns");
    at += HEAD + update.length;
    if (at > content.length) fail("frames.bin", "the last update is cut");
    trace.end_clocks[writer][trace.count / 2] = update.end_clock;
    trace.updates[trace.count++] = update;
  }
}

struct bytes trace_big_document(void) {
  return read_file("bigdoc.bin");
}
