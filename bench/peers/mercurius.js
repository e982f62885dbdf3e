// What an expert writes by hand in Node: fastify and mercurius with its JIT, pg with prepared
// statements. `node mercurius.js PORT DATABASE_URL VIEWERS`.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

import { loaders, resolvers, schema } from "./mercurius_schema.js";
import { knownViewers, sizes } from "./shared.js";

// As the other servers' sessions are set.
const options =
  "-c TimeZone=UTC -c jit=off -c plan_cache_mode=force_generic_plan -c random_page_cost=1.1";

const [port, connectionString, file] = process.argv.slice(2);
const viewers = knownViewers(file);
const pool = new pg.Pool({ connectionString, options, ...sizes });

const app = Fastify();
app.addHook("onRequest", async (request, reply) => {
  if (!viewers.has(request.headers.authorization)) return reply.code(401).send();
});
app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  jit: 1,
  context: (request) => ({ viewer: viewers.get(request.headers.authorization), pool }),
});
await app.listen({ port: Number(port), host: "127.0.0.1" });
