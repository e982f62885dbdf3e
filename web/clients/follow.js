// Follows the event log by the clients that people use, `node follow.js sse|ws URL AFTER MANY`: each
// connection is broken off after some events, and the next goes on behind the last position. A line
// of JSON for each event, in the order in which they came.
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";

const [kind, url, after, many] = process.argv.slice(2);
const query = "subscription ($after: Int) { events(after: $after) { id position } }";
const clients = {
  sse: () => createSse({ url, headers: { authorization: "x" }, retryAttempts: 0 }),
  ws: () =>
    createWs({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: "x" },
      retryAttempts: 0,
    }),
};

let position = Number(after);
let left = Number(many);
while (left > 0) {
  const client = clients[kind]();
  let batch = Math.min(left, 1 + (position % 40));
  for await (const result of client.iterate({ query, variables: { after: position } })) {
    if (result.errors) throw new Error(JSON.stringify(result.errors));
    console.log(JSON.stringify(result.data.events));
    position = result.data.events.position;
    left -= 1;
    batch -= 1;
    if (batch === 0) break;
  }
  client.terminate?.();
  client.dispose();
}
process.exit(0);
