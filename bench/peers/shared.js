// What both peers know.
import { readFileSync } from "node:fs";

// Who asks, by Authorization header, as the measuring process wrote it down.
export function knownViewers(file) {
  return new Map(Object.entries(JSON.parse(readFileSync(file, "utf8"))));
}

// As many connections as the others have, kept for good.
export const sizes = { min: 10, max: 10, idleTimeoutMillis: 0 };
