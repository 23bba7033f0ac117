// Kysely over better-sqlite3: node kysely.mjs WORKLOAD DATASET SCRATCH
import * as w from "./workload.mjs";

const { Kysely, SqliteDialect } = w.load("kysely");
const over = (client) => new Kysely({ dialect: new SqliteDialect({ database: client }) });

await w.run({
  async point() {
    const db = over(w.open(w.dataset));
    await w.measure("builder", w.READS, async () => {
      for (let i = 1; i <= w.READS; i++) {
        const row = await db.selectFrom("tickets").selectAll().where("id", "=", w.key(i))
          .executeTakeFirst();
        w.check(row.priority >= 0);
      }
    });
  },
  async all() {
    const db = over(w.open(w.dataset));
    await w.measure("builder", w.TICKETS, async () => {
      const list = await db.selectFrom("tickets").selectAll().execute();
      w.check(list.length === w.TICKETS);
    });
  },
  async build() {
    const db = over(w.open(w.dataset));
    await w.measure("builder", w.BUILDS, () => {
      for (let i = 1; i <= w.BUILDS; i++)
        db.selectFrom("tickets").innerJoin("projects", "projects.id", "tickets.project_id")
          .where("tickets.status", "=", "open").where("tickets.priority", ">=", i % 10)
          .where("projects.active", "=", 1)
          .select(["tickets.id", "tickets.title", "tickets.status", "tickets.priority",
            "tickets.score", "projects.name"])
          .orderBy("tickets.score", "desc").orderBy("tickets.id").limit(50).compile();
    });
  },
  async insert() {
    const list = w.rows(w.TICKETS);
    await w.measure("builder", w.TICKETS, async (client) => {
      await over(client).transaction().execute(async (tx) => {
        for (const row of list) await tx.insertInto("items").values(row).execute();
      });
    }, w.fresh, w.close);
  },
  async bulk() {
    const parts = w.batches(w.rows(w.TICKETS));
    await w.measure("1000 rows a call", w.TICKETS, async (client) => {
      await over(client).transaction().execute(async (tx) => {
        for (const part of parts) await tx.insertInto("items").values(part).execute();
      });
    }, w.fresh, w.close);
  },
  async update() {
    const parts = w.batches(w.rows(w.TICKETS));
    await w.measure("builder", w.TICKETS, async (client) => {
      await over(client).transaction().execute(async (tx) => {
        for (let i = 1; i <= w.TICKETS; i++)
          await tx.updateTable("items").set({ priority: i % 10, score: i / 3 })
            .where("id", "=", w.key(i)).execute();
      });
    }, () => {
      const client = w.fresh();
      const put = client.prepare(
        "INSERT INTO items VALUES (@id, @title, @status, @body, @project_id, @priority, @score, @note)");
      parts.forEach((part) => client.transaction(() => part.forEach((row) => put.run(row)))());
      return client;
    }, w.close);
  },
});
