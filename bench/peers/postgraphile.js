// PostGraphile as its documentation says: the schema made of the tables, and whose rows a viewer
// sees by policies of the tables. `node postgraphile.js PORT DATABASE_URL VIEWERS`.
import "./node20.js";

import { createServer } from "node:http";

import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

import { knownViewers, sizes } from "./shared.js";

const [port, connectionString, file] = process.argv.slice(2);
const viewers = knownViewers(file);

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  // The indexes begin with the partner, whom the policies name, so that any order is a good one.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  schema: { defaultBehavior: "+connection +list" },
  pgServices: [makePgService({ connectionString, schemas: ["public"], poolConfig: sizes })],
  grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false },
  grafast: {
    explain: false,
    context: ({ node }) => ({
      pgSettings: settingsOf(viewers.get(node.req.headers.authorization)),
    }),
  },
});

function settingsOf(viewer) {
  if (!viewer) throw new Error("Who asks?");
  if (!viewer.partner_id) return { role: "postgraphile_staff" };
  return {
    role: "postgraphile_partner",
    "app.partner_id": viewer.partner_id,
    "app.person_id": viewer.person_id,
    "app.person_name": viewer.name,
  };
}

const server = createServer();
const serv = instance.createServ(grafserv);
await serv.addTo(server);
server.listen(Number(port), "127.0.0.1");
