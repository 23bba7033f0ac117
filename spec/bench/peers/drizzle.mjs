// Drizzle over better-sqlite3: node drizzle.mjs WORKLOAD DATASET SCRATCH
import * as w from "./workload.mjs";

const { drizzle } = w.load("drizzle-orm/better-sqlite3");
const { and, asc, desc, eq, gte, relations, sql } = w.load("drizzle-orm");
const { integer, real, sqliteTable, text } = w.load("drizzle-orm/sqlite-core");

const columns = () => ({
  id: integer().primaryKey(),
  title: text().notNull(),
  status: text().notNull(),
  body: text().notNull(),
  project_id: integer().notNull(),
  priority: integer().notNull(),
  score: real().notNull(),
  note: text(),
});
const tickets = sqliteTable("tickets", columns());
const items = sqliteTable("items", columns());
const projects = sqliteTable("projects", {
  id: integer().primaryKey(),
  name: text().notNull(),
  active: integer({ mode: "boolean" }).notNull(),
});
const authors = sqliteTable("authors", { id: integer().primaryKey(), name: text(), email: text() });
const posts = sqliteTable("posts", {
  id: integer().primaryKey(), author_id: integer(), title: text(), body: text(),
});
const comments = sqliteTable("comments", {
  id: integer().primaryKey(), post_id: integer(), author: text(), body: text(),
});
const schema = {
  authors, posts, comments,
  authorRelations: relations(authors, ({ many }) => ({ posts: many(posts) })),
  postRelations: relations(posts, ({ one, many }) => ({
    author: one(authors, { fields: [posts.author_id], references: [authors.id] }),
    comments: many(comments),
  })),
  commentRelations: relations(comments, ({ one }) => ({
    post: one(posts, { fields: [comments.post_id], references: [posts.id] }),
  })),
};

const over = (client) => drizzle(client, { schema });

await w.run({
  async point() {
    const db = over(w.open(w.dataset));
    await w.measure("builder", w.READS, () => {
      for (let i = 1; i <= w.READS; i++)
        w.check(db.select().from(tickets).where(eq(tickets.id, w.key(i))).get().priority >= 0);
    });
    const get = db.select().from(tickets).where(eq(tickets.id, sql.placeholder("id"))).prepare();
    await w.measure("prepared", w.READS, () => {
      for (let i = 1; i <= w.READS; i++) w.check(get.get({ id: w.key(i) }).priority >= 0);
    });
  },
  async all() {
    const db = over(w.open(w.dataset));
    await w.measure("builder", w.TICKETS, () =>
      w.check(db.select().from(tickets).all().length === w.TICKETS));
  },
  async deep() {
    const db = over(w.open(w.dataset));
    await w.measure("builder", w.LOADS, () => {
      for (let i = 0; i < w.LOADS; i++) {
        const list = db.query.authors.findMany({ with: { posts: { with: { comments: true } } } }).sync();
        w.check(list.length === 100 && list[99].posts[19].comments.length === 5);
      }
    });
  },
  async build() {
    const db = over(w.open(w.dataset));
    await w.measure("builder", w.BUILDS, () => {
      for (let i = 1; i <= w.BUILDS; i++)
        db.select({ id: tickets.id, title: tickets.title, status: tickets.status,
          priority: tickets.priority, score: tickets.score, name: projects.name })
          .from(tickets).innerJoin(projects, eq(projects.id, tickets.project_id))
          .where(and(eq(tickets.status, "open"), gte(tickets.priority, i % 10),
            eq(projects.active, true)))
          .orderBy(desc(tickets.score), asc(tickets.id)).limit(50).toSQL();
    });
  },
  async insert() {
    const list = w.rows(w.TICKETS);
    await w.measure("builder", w.TICKETS, (client) => {
      over(client).transaction((tx) =>
        list.forEach((row) => tx.insert(items).values(row).run()));
    }, w.fresh, w.close);
  },
  async bulk() {
    const parts = w.batches(w.rows(w.TICKETS));
    await w.measure("1000 rows a call", w.TICKETS, (client) => {
      over(client).transaction((tx) =>
        parts.forEach((part) => tx.insert(items).values(part).run()));
    }, w.fresh, w.close);
    await w.measure("1000 rows a call, returning", w.TICKETS, (client) => {
      over(client).transaction((tx) => parts.forEach((part) =>
        w.check(tx.insert(items).values(part).returning().all().length === w.BATCH)));
    }, w.fresh, w.close);
  },
  async update() {
    const parts = w.batches(w.rows(w.TICKETS));
    await w.measure("builder", w.TICKETS, (client) => {
      over(client).transaction((tx) => {
        for (let i = 1; i <= w.TICKETS; i++)
          tx.update(items).set({ priority: i % 10, score: i / 3 })
            .where(eq(items.id, w.key(i))).run();
      });
    }, () => {
      const client = w.fresh();
      over(client).transaction((tx) =>
        parts.forEach((part) => tx.insert(items).values(part).run()));
      return client;
    }, w.close);
  },
});
