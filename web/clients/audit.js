// Asks a server, `node audit.js URL`, all that the specification GraphQL over HTTP asks of one:
// a line of JSON for each audit. `ok`, `notice` (it MAY), `warn` (it SHOULD) or `error` (it MUST).
import { serverAudits } from "graphql-http";

const url = process.argv[2];
if (!url) {
  console.error("node audit.js URL");
  process.exit(2);
}
for (const audit of serverAudits({ url })) {
  const { status, reason } = await audit.fn();
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status, reason }));
}
