// Builds the widget into .local/widget, where Zoho's packer and the sandbox find it. The API's types are made of its
// description, so that a route or field that no longer exists does not compile.

import { cp, mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import openapiTS, { astToString } from "openapi-typescript";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here("../../.local/widget");

await mkdir(`${out}/app`, { recursive: true });
await writeFile(`${out}/api.d.ts`, astToString(await openapiTS(new URL("../../docs/openapi.json", import.meta.url))));
await build({
  entryPoints: { widget: here("src/main.tsx") },
  outdir: `${out}/app`,
  bundle: true,
  minify: true,
  target: "es2020",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
});
await cp(here("app"), `${out}/app`, { recursive: true });
await cp(here("plugin-manifest.json"), `${out}/plugin-manifest.json`);
