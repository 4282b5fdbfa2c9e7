#include "trace.h"

#include <stdio.h>

#define HEAD 9 /* bytes before each update: 1 writer, 4 end clock, 4 length, little-endian */

struct trace trace;

static void fail(const char *path, const char *why) {
  fprintf(stderr, "%s: %s\n", path, why);
  exit(1);
}

static struct bytes read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path, "cannot be opened");
  fseek(file, 0, SEEK_END);
  struct bytes content = {.length = ftell(file)};
  rewind(file);
  content.data = malloc(content.length + 1);
  if (fread(content.data, 1, content.length, file) != content.length) fail(path, "cannot be read");
  fclose(file);
  return content;
}

static struct bytes read_data(const char *name) {
  static char path[1024];
  const char *folder = getenv("BENCH_DATA");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
  return read_file(path);
}

static void read_updates(const char *name, struct bytes content, struct trace *into) {
  u32 capacity = content.length / (HEAD + 1) + 1;
  into->updates = malloc(capacity * sizeof *into->updates);
  for (size_t at = 0; at + HEAD < content.length;) {
    struct update update = {.writer = content.data[at], .data = content.data + at + HEAD};
    memcpy(&update.end_clock, content.data + at + 1, 4);
    memcpy(&update.length, content.data + at + 5, 4);
    at += HEAD + update.length;
    if (at > content.length) fail(name, "the last update is cut");
    into->updates[into->count++] = update;
  }
}

void trace_load(void) {
  read_updates("frames.bin", read_data("frames.bin"), &trace);
  for (int writer = 0; writer < 2; writer++) trace.end_clocks[writer] = malloc((trace.count / 2 + 1) * sizeof(u32));
  for (u32 i = 0; i < trace.count; i++) {
    if (trace.updates[i].writer != (i & 1)) fail("frames.bin", "the writers must take turns");
    trace.end_clocks[i & 1][i / 2] = trace.updates[i].end_clock;
  }
}

struct trace trace_of(const char *path) {
  struct trace other = {0};
  read_updates(path, read_file(path), &other);
  return other;
}

struct bytes trace_big_document(void) {
  return read_data("bigdoc.bin");
}
