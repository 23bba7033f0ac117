// Ends well when all packages that are named can be loaded: node has.mjs NAME…
import { load } from "./workload.mjs";

for (const name of process.argv.slice(2)) {
  const found = load(name);
  if (name === "better-sqlite3") new found(":memory:").close();
}
