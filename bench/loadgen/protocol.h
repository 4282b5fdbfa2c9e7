/* y-protocols as y-websocket (and, with a name before every message, hocuspocus) speaks it, and the matching of what
 * is received with what was sent: by Yjs client and clock inside each update, so that a server that merges updates
 * is credited for all that it merged. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "client.h"

void protocol_greet(struct client *client);                                    /* ask for the document */
void protocol_step1(struct client *client);                                    /* sync step 1 of an empty document */
void protocol_update(struct client *client, const u8 *update, size_t length); /* both into `out`, not yet written */
void protocol_send_edit(int room);                                             /* the room's next edit of the trace, written at once */
void protocol_receive(struct client *client, int opcode, const u8 *payload, size_t length, u64 received_at);

#endif
