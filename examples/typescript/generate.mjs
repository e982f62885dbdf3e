// Writes client.ts: a type for each operation of ../documents and its variables, checked against the schema.
import { copyFileSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const here = dirname(fileURLToPath(import.meta.url));
const output = resolve(process.env.OUTPUT ?? here);
const folder = join(here, "..", "documents");
const schema = readFileSync(join(here, "..", "..", "schema", "schema.graphql"), "utf8");

const documents = readdirSync(folder)
  .filter((name) => name.endsWith(".graphql"))
  .sort()
  .map((name) => ({ location: name, document: parse(readFileSync(join(folder, name), "utf8")) }));

const text = await codegen({
  filename: "client.ts",
  schema: parse(schema),
  documents,
  config: {
    enumsAsTypes: true,
    useTypeImports: true,
    // As they come in JSON: amounts and ratios are strings, so that no digit is lost.
    scalars: {
      CurrencyCode: "string",
      Date: "string",
      DateTime: "string",
      Decimal: "string",
      Duration: "string",
      YearMonth: "string",
    },
    strictScalars: true,
  },
  plugins: [{ operations: {} }, { typedDocuments: {} }],
  pluginMap: { operations, typedDocuments },
});
writeFileSync(join(output, "client.ts"), text);

if (output !== here) {
  for (const name of ["members.ts", "tsconfig.json"]) copyFileSync(join(here, name), join(output, name));
  const modules = join(output, "node_modules");
  if (!existsSync(modules)) symlinkSync(join(here, "node_modules"), modules);
}
