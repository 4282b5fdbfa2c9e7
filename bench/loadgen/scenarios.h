/* What can be measured. Each prints one JSON object to standard output; bench/compare.py reads it. */
#ifndef SCENARIOS_H
#define SCENARIOS_H

void scenario_run(void);   /* every room at the same rate: latency, processor time per delivery */
void scenario_ramp(void);  /* more and more active rooms until the 99th percentile passes 50 ms: capacity */
void scenario_idle(void);  /* nobody writes: memory per connection */
void scenario_join(void);  /* `count` people join a room with a long history, one after the other */
void scenario_flood(void); /* `count` updates, or all of `before`, from one writer as fast as the server takes them, until it holds them all */
void scenario_open(void);  /* one person joins: how long until the document is there */

#endif
