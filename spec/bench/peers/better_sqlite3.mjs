// better-sqlite3, a driver: node better_sqlite3.mjs WORKLOAD DATASET SCRATCH
import * as w from "./workload.mjs";

const INSERT = "INSERT INTO items VALUES (@id, @title, @status, @body, @project_id, @priority, @score, @note)";

await w.run({
  async point() {
    const get = w.open(w.dataset).prepare("SELECT * FROM tickets WHERE id = ?");
    await w.measure("kept statement", w.READS, () => {
      for (let i = 1; i <= w.READS; i++) w.check(get.get(w.key(i)).priority >= 0);
    });
  },
  async all() {
    const all = w.open(w.dataset).prepare("SELECT * FROM tickets");
    await w.measure("kept statement", w.TICKETS, () => w.check(all.all().length === w.TICKETS));
  },
  async iterate() {
    const all = w.open(w.dataset).prepare("SELECT * FROM tickets");
    await w.measure("kept statement", w.TICKETS, () => {
      let sum = 0;
      for (const row of all.iterate()) sum += row.priority;
      w.check(sum > 0);
    });
  },
  async insert() {
    const list = w.rows(w.TICKETS);
    await w.measure("kept statement", w.TICKETS, (db) => {
      const put = db.prepare(INSERT);
      db.transaction(() => list.forEach((row) => put.run(row)))();
    }, w.fresh, w.close);
  },
  async commit() {
    const list = w.rows(w.COMMITS);
    await w.measure("kept statement", w.COMMITS, (db) => {
      const put = db.prepare(INSERT);
      list.forEach((row) => put.run(row));
    }, w.fresh, w.close);
  },
  async update() {
    const list = w.rows(w.TICKETS);
    await w.measure("kept statement", w.TICKETS, (db) => {
      const set = db.prepare("UPDATE items SET priority = ?, score = ? WHERE id = ?");
      db.transaction(() => {
        for (let i = 1; i <= w.TICKETS; i++) set.run(i % 10, i / 3, w.key(i));
      })();
    }, () => {
      const db = w.fresh();
      const put = db.prepare(INSERT);
      db.transaction(() => list.forEach((row) => put.run(row)))();
      return db;
    }, w.close);
  },
});
