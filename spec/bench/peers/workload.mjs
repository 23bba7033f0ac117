// What the peers in Node share, as workload.lua has it for those in Lua: the
// rows of the dataset, the look-up keys, how a result is printed, and where
// packages come from (BENCH_NODE, a folder with node_modules in it).
import { createRequire } from "node:module";
import { rmSync } from "node:fs";
import { resolve } from "node:path";

export const TICKETS = 100000;
export const READS = 200000;
export const BUILDS = 20000;
export const LOADS = 20;
export const COMMITS = 5000;
export const BATCH = 1000;
const REPETITIONS = 3;

export const load = createRequire(resolve(process.env.BENCH_NODE ?? ".") + "/");

export const ITEMS =
  "CREATE TABLE items (id INTEGER PRIMARY KEY, title TEXT NOT NULL, status TEXT NOT NULL, " +
  "body TEXT NOT NULL, project_id INTEGER NOT NULL, priority INTEGER NOT NULL, " +
  "score REAL NOT NULL, note TEXT)";

const PRAGMAS = [
  "journal_mode = WAL",
  "synchronous = NORMAL",
  "cache_size = -65536",
  "temp_store = MEMORY",
  "mmap_size = 268435456",
];

export const [name, dataset, scratch] = process.argv.slice(2);

export function open(path) {
  const Database = load("better-sqlite3");
  const db = new Database(path);
  PRAGMAS.forEach((pragma) => db.pragma(pragma));
  return db;
}

function remove(path) {
  ["", "-wal", "-shm"].forEach((suffix) => rmSync(path + suffix, { force: true }));
}

export function fresh() {
  remove(scratch);
  const db = open(scratch);
  db.exec(ITEMS);
  return db;
}

export function close(db) {
  db.close();
  remove(scratch);
}

export const key = (i) => 1 + ((i * 7919) % TICKETS);

const pad = (i) => String(i).padStart(7, "0");

export function rows(count) {
  const status = ["open", "closed", "in_progress", "blocked", "review"];
  return Array.from({ length: count }, (_, at) => {
    const i = at + 1;
    return {
      id: i,
      title: `Ticket number ${pad(i)}`,
      status: status[(i * 7) % 5],
      body:
        "A ticket says in a sentence or two what is wrong and how to see it, mostly " +
        `without hurry; number ${pad(i)}`,
      project_id: 1 + ((i * 7919) % 1000),
      priority: (i * 31) % 10,
      score: ((i * 48271) % 100003) / 7.0,
      note: i % 2 === 0 ? `note ${i}` : null,
    };
  });
}

export function batches(list) {
  const parts = [];
  for (let i = 0; i < list.length; i += BATCH) parts.push(list.slice(i, i + BATCH));
  return parts;
}

export function check(condition) {
  if (!condition) throw new Error("the peer did something else");
}

// Seconds that passed, or with CLOCK=cpu those of the processor.
function now() {
  if (process.env.CLOCK !== "cpu") return Number(process.hrtime.bigint()) / 1e9;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

// One repetition that is not counted, then those that are.
export async function measure(variant, count, body, before, after) {
  for (let i = 0; i <= REPETITIONS; i++) {
    const given = before?.();
    const start = now();
    await body(given);
    const seconds = now() - start;
    after?.(given);
    if (i > 0) console.log(`${name}\t${variant}\t${count}\t${seconds.toFixed(9)}`);
  }
}

export async function run(work) {
  if (work[name]) await work[name]();
}
