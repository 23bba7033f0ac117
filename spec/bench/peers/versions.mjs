// Which versions of the peers in Node are there: node versions.mjs
import * as w from "./workload.mjs";

const line = [`Node ${process.versions.node}`];
for (const name of ["better-sqlite3", "drizzle-orm", "kysely"]) {
  try {
    const path = w.load.resolve(name).replace(/(node_modules\/[^/]+)\/.*$/, "$1/package.json");
    line.push(`${name} ${w.load(path).version}`);
  } catch {
    line.push(`no ${name}`);
  }
}
if (!line.includes("no better-sqlite3")) {
  try {
    const driver = w.open(":memory:");
    line.push(`its own SQLite ${driver.prepare("SELECT sqlite_version()").pluck().get()}`);
  } catch {
    line.push("a driver that does not load");
  }
}
console.log(line.join(", "));
