-- Policies: what a handle under one sees and may do, what it is refused, and that there is no way
-- from it to more.
local d = require("dbcore")
local native = require("dbcore.native")
local expect = require("spec.support.expect")
local files = require("spec.support.files")

local notes = d.table("notes", {
  d.integer "id" :primary_key(),
  d.integer "org_id" :not_null(),
  d.text "title" :not_null() :unique(),
  d.text "body" :not_null() :default "",
  d.boolean "draft" :not_null() :default(false),
})
local comments = d.table("comments", {
  d.integer "id" :primary_key(),
  d.integer "note_id" :not_null() :references("notes.id", { on_delete = "cascade" }),
  d.text "body",
})
local members = d.table("members", { d.integer "user_id", d.integer "org_id" })
local tags = d.table("tags", { d.integer "id" :primary_key(), d.text "name" })
local logs = d.table("logs", { d.integer "id" :primary_key(), d.text "line" })
local keyed = d.table("keyed", {
  d.integer "id" :primary_key(),
  d.integer "org_id",
  d.text "code",
  d.unique("code") :on_conflict "replace",
})
local notes_text = d.fts("notes_text", { "title", "body" }, { content = notes })
local titles = d.view("titles", { d.integer "id", d.text "title" }, "SELECT id, title FROM notes")
local counts = d.view("counts", { d.integer "org_id", d.integer "n" },
  "SELECT org_id, count(*) AS n FROM notes GROUP BY org_id")

local schema = d.schema {
  notes, comments, members, tags, logs, keyed, notes_text, titles, counts,
  d.relations(notes, { comments = d.many "comments" }),
  d.relations(comments, { note = d.one "notes" }),
}

local calls = 0 -- of the rule for notes

d.policy(notes, {
  select = function(ctx)
    calls = calls + 1
    return notes.org_id:eq(ctx.org_id)
  end,
  insert = function(ctx) return notes.org_id:eq(ctx.org_id) end,
  update = function(ctx) return notes.org_id:eq(ctx.org_id) & notes.draft:eq(true) end,
  delete = function(ctx) return notes.org_id:eq(ctx.org_id) & notes.draft:eq(true) end,
})
-- A comment is seen by who sees its note; the rule says so by itself, since it sees every row.
d.policy(comments, {
  name = "of own notes",
  all = function(ctx)
    return comments.note_id:in_(d.from(notes):where(notes.org_id:eq(ctx.org_id)):select(notes.id))
  end,
})
d.policy(logs, { insert = true })
d.policy(keyed, { all = function(ctx) return keyed.org_id:eq(ctx.org_id) end })
d.policy(counts, { select = function(ctx) return counts.org_id:eq(ctx.org_id) end })

-- Notes 1 to 3 are of organisation 7, 3 is a draft; 4 and 5 of 8. Each has a comment of its number.
local function fill(db)
  for id = 1, 5 do
    db:insert(notes):values { id = id, org_id = id < 4 and 7 or 8, title = "note " .. id,
      body = "the fox " .. id, draft = id == 3 }:run()
    db:insert(comments):values { id = id, note_id = id, body = "about " .. id }:run()
  end
  db:insert(members):values { { user_id = 1, org_id = 7 }, { user_id = 1, org_id = 8 } }:run()
  db:insert(tags):values { { id = 1, name = "a" }, { id = 2, name = "b" } }:run()
end

describe("A handle under a policy", function()
  local db, h

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    fill(db)
    h = db:as { org_id = 7 }
  end)
  after_each(function()
    assert.equal(0, db:stats().live_statements)
    db:close()
  end)

  local function ids(q)
    return q:list()
  end

  -- Every row of the database as text: what a refused write must leave as it was.
  local function dump()
    local lines = {}
    for _, name in ipairs { "notes", "comments", "keyed", "logs" } do
      for row in db:from(name):order_by("id"):rows() do
        lines[#lines + 1] = ("%s %s %s %s %s"):format(name, row.id, row.org_id or row.note_id,
          row.title or row.body or row.code, row.draft)
      end
    end
    return table.concat(lines, "\n")
  end

  local function denied(piece, f, ...)
    local before = dump()
    local err = expect.failure("denied", piece, f, ...)
    assert.equal(before, dump())
    return err
  end

  describe("reading", function()
    it("has only the rows that its rule lets through, whatever ends the query", function()
      local q = h:from(notes):order_by(notes.id):select(notes.id)

      assert.same({ 1, 2, 3 }, ids(q))
      assert.equal(3, #q:all())
      assert.equal(1, q:one().id)
      assert.equal(1, q:value())
      assert.equal(3, q:count())
      assert.is_false(h:from(notes):where(notes.id:eq(4)):exists())
      expect.failure("not_found", "none", function()
        h:from(notes):where(notes.id:eq(4)):single()
      end)
      local seen = {}
      for row in q:rows() do
        seen[#seen + 1] = row.id
      end
      assert.same({ 1, 2, 3 }, seen)
      assert.same({ 3, 1, 2 }, ids(h:from(notes):order_by(notes.draft:desc(), notes.id)
        :select(notes.id)))
    end)

    it("filters tables by name and by alias alike", function()
      local n = d.alias(notes, "n")

      assert.equal(3, h:from("notes"):count())
      assert.equal(3, h:from(n):count())
      assert.equal(9, h:from(notes):cross_join(n):count())
    end)

    it("filters both sides of joins, and keeps outer joins outer", function()
      local function note_of(q)
        local list = {}
        for row in q:order_by(comments.id, notes.id):rows() do
          list[#list + 1] = ("%s-%s"):format(row.comment or "", row.note or "")
        end
        return table.concat(list, " ")
      end
      local on = notes.id:eq(comments.note_id + 1)
      local both = { comment = comments.id, note = notes.id }

      assert.equal("1-2 2-3", note_of(h:from(comments):join(notes, on):select(both)))
      assert.equal("1-2 2-3 3-", note_of(h:from(comments):left_join(notes, on):select(both)))
      assert.equal("-1 1-2 2-3", note_of(h:from(comments):right_join(notes, on):select(both)))
      assert.equal("-1 1-2 2-3 3-", note_of(h:from(comments):full_join(notes, on):select(both)))
      assert.equal(9, h:from(comments):cross_join(notes):count())
    end)

    it("filters joins by relation", function()
      local rows = h:from(comments):join("note"):all()

      assert.equal(3, #rows)
      assert.equal(7, rows[1].notes.org_id)
    end)

    it("filters subqueries, wherever they stand", function()
      local sub = d.from(notes):select(notes.id)
      local t = sub:as "t"

      assert.same({ 1, 2, 3 }, ids(h:from(tags):select(tags.id):where(tags.id:in_(sub)):union(sub)))
      assert.equal(3, h:from(t):count())
      assert.equal(3, h:from(tags):where(tags.id:eq(1)):select { n = d.from(notes)
        :select(d.count()) }:value())
      assert.equal(0, h:from(tags):where(d.exists(d.from(notes):where(notes.id:eq(4)))):count())
      assert.equal(2, h:from(tags):where(d.not_exists(d.from(notes):where(notes.id:eq(4)))):count())
      assert.equal(2, h:from(tags):order_by(d.from(notes):select(d.count())):count())
      assert.equal(3, h:from(notes):group_by(notes.draft)
        :having(d.count():le(d.from(notes):select(d.count())))
        :select { n = d.sum(d.cast(1, "integer")) }:list()[1] + 1)
    end)

    it("filters CTEs, also recursive ones", function()
      assert.equal(3, h:with("mine", d.from(notes)):from("mine"):count())
      local q = h:with("walk", function(walk)
        return d.from(notes):where(notes.id:eq(1)):select { id = notes.id }
          :union_all(d.from(notes):join(walk, notes.id:eq(walk.id + 1)):select { id = notes.id })
      end):from("walk")

      assert.equal(3, q:count())
    end)

    it("filters every part of a set operation", function()
      local own = h:from(notes):select(notes.id)
      local all = d.from(notes):select(notes.id)

      assert.equal(3, own:union(all):count())
      assert.equal(6, own:union_all(all):count())
      assert.equal(3, own:intersect(all):count())
      assert.equal(0, own:except(all):count())
      assert.equal(2, h:from(tags):select(tags.id):union(d.from(notes):where(notes.id:lt(3))
        :select(notes.id)):count())
    end)

    it("filters aggregates, windows and distinct", function()
      assert.equal(6, h:from(notes):select(d.sum(notes.id)):value())
      assert.same({ 7 }, h:from(notes):select(notes.org_id):distinct():list())
      assert.same({ 3, 3, 3 }, h:from(notes):select(d.count():over {}):list())
    end)

    it("pages", function()
      local q = h:from(notes):order_by(notes.title:desc())
      local page = q:page { size = 2 }

      assert.equal(3, page.rows[1].id)
      page = q:page { size = 2, after = page.next }
      assert.equal(1, #page.rows)
      assert.is_nil(page.next)
      assert.equal(2, #q:page { size = 2, before = page.previous }.rows)
    end)

    it("shows a full-text index as its table, and writes none", function()
      local q = h:from(notes_text):where(notes_text.body:match "fox")

      assert.equal(3, #q:all())
      assert.equal(5, db:from(notes_text):where(notes_text.body:match "fox"):count())
      assert.equal(3, #h:from(notes_text):where(notes_text.body:match "fox"):order_by(d.sql "rank")
        :all())
      assert.equal(3, h:from(notes):join(notes_text, notes.id:eq(d.sql "notes_text.rowid"))
        :where(notes_text.body:match "fox"):count())
      local n = d.alias(notes_text, "n")
      assert.equal(6, h:from(tags):left_join(n, n.body:match "fox"):count())
      assert.equal(2, h:from(tags):left_join(n, n.body:match "4"):count())
      assert.equal(2, h:from(tags):left_join(notes_text, notes_text.body:match "hen"):count())
      denied("cannot be written to", function()
        h:insert(notes_text):values { title = "x", body = "y" }:run()
      end)
    end)

    it("shows a view by its own policy, and no other view", function()
      assert.same({ { org_id = 7, n = 3 } }, h:from(counts):all())
      denied('the view "titles" has no policy of its own', function()
        h:from(titles):all()
      end)
    end)

    it("shows what it does", function()
      local sql, values = h:from(notes):where(notes.id:gt(0)):select(notes.id):to_sql()

      assert.truthy(sql:find('FROM (SELECT "id", "org_id"', 1, true))
      assert.same({ ":policy", 0 }, values)
      assert.truthy(h:from(notes):explain():find("notes", 1, true))
      assert.truthy(h:explain(h:from(notes)):find("notes", 1, true))
    end)

    it("reads with parameters, and prepared", function()
      local p <close> = h:from(notes):where(notes.id:ge(d.param "from")):order_by(notes.id)
        :select(notes.id):prepare()

      assert.same({ 2, 3 }, p:list { from = 2 })
      assert.same({}, p:list { from = 4 })
      local n = 0
      for _ in p:rows { from = 1 } do
        n = n + 1
      end
      assert.equal(3, n)
    end)
  end)

  describe("writing", function()
    it("inserts what the rule allows", function()
      local id = h:insert(notes):values { org_id = 7, title = "new" }:returning(notes.id):value()

      assert.equal(7, db:from(notes):where { id = id }:one().org_id)
      assert.equal(2, h:insert(notes):values { { org_id = 7, title = "a" },
        { org_id = 7, title = "b" } }:run().changes)
    end)

    it("refuses any other row, with all that came with it", function()
      local err = denied('the insert policy of "notes" does not allow this row', function()
        h:insert(notes):values { org_id = 8, title = "new" }:run()
      end)
      assert.equal("notes", err.table)
      err = denied("does not allow this row", function()
        h:insert(notes):values { { org_id = 7, title = "a" }, { org_id = 8, title = "b" } }:run()
      end)
      assert.equal(2, err.row)
      denied("does not allow this row", function()
        h:insert(notes):values { org_id = 8, title = "new" }:returning():one()
      end)
      denied("does not allow this row", function()
        h:insert(notes):values { { org_id = 7, title = "a" }, { org_id = 8, title = "b" } }
          :returning():all()
      end)
    end)

    it("names a rule that has a name", function()
      denied('the insert policy "of own notes" of "comments" does not allow this row', function()
        h:insert(comments):values { note_id = 4, body = "x" }:run()
      end)
    end)

    it("copies only rows it sees, into rows it may make", function()
      local copied = h:insert(notes):from(d.from(notes):select {
        org_id = notes.org_id, title = notes.title .. " copy",
      }):run()

      assert.equal(3, copied.changes)
      denied("does not allow this row", function()
        h:insert(notes):from(d.from(notes):select { org_id = notes.org_id + 1,
          title = notes.title .. " other" }):run()
      end)
    end)

    it("changes only rows it may, and only into what it may have", function()
      assert.equal(1, h:update(notes):set { body = "x" }:everywhere():run().changes)
      assert.equal(0, h:update(notes):set { body = "x" }:where(notes.id:eq(1)):run().changes)
      assert.equal(0, h:update(notes):set { body = "x" }:where(notes.id:eq(4)):run().changes)
      denied("does not allow what this row would become", function()
        h:update(notes):set { org_id = 8 }:everywhere():run()
      end)
      denied("does not allow what this row would become", function()
        h:update(notes):set { draft = false }:where(notes.id:eq(3)):returning():all()
      end)
      assert.same({ 3 }, h:update(notes):set { body = "y" }:everywhere():returning(notes.id):list())
    end)

    it("sets values from rows it sees", function()
      h:update(notes):set { body = d.from(comments):select(d.max(comments.body)) }
        :where(notes.id:eq(3)):run()

      assert.equal("about 3", db:from(notes):where { id = 3 }:one().body)
    end)

    it("removes only rows it may", function()
      assert.same({ 3 }, h:delete(notes):everywhere():returning(notes.id):list())
      assert.equal(0, h:delete(notes):where(notes.id:eq(5)):run().changes)
      assert.equal(4, db:from(notes):count())
    end)

    it("upserts its own rows, and is refused at others", function()
      local function upsert(row)
        return h:insert(notes):values(row):on_conflict("id"):update { body = d.excluded "body" }
      end
      assert.equal(1, upsert { id = 3, org_id = 7, title = "t", body = "z", draft = true }:run()
        .changes)
      assert.equal("z", db:from(notes):where { id = 3 }:one().body)
      denied("does not allow to update the row that is there already", function()
        upsert { id = 4, org_id = 7, title = "t", body = "z" }:run()
      end)
      denied("does not allow to update the row that is there already", function()
        upsert { id = 1, org_id = 7, title = "t", body = "z" }:returning():one()
      end)
      denied("does not allow what this row would become", function()
        h:insert(notes):values { id = 3, org_id = 7, title = "t" }:on_conflict("id")
          :update { org_id = 8 }:run()
      end)
      denied("does not allow", function()
        upsert { id = 9, org_id = 8, title = "t", draft = true }:run()
      end)
      assert.equal(0, h:insert(notes):values { id = 4, org_id = 7, title = "t" }
        :on_conflict("id"):ignore():run().changes)
    end)

    it("returns no row that it may not see", function()
      h:insert(logs):values { line = "x" }:run()
      assert.equal(1, db:from(logs):count())
      denied('the policy of "logs" says nothing about select', function()
        h:insert(logs):values { line = "x" }:returning():one()
      end)
    end)

    it("refuses what no rule speaks of", function()
      denied('the policy of "logs" says nothing about delete', function()
        h:delete(logs):everywhere():run()
      end)
      denied('the policy of "logs" says nothing about select', function()
        h:from(logs):all()
      end)
      denied('the policy of "logs" says nothing about update', function()
        h:insert(logs):values { id = 1 }:on_conflict("id"):update { line = "x" }:run()
      end)
    end)

    it("refuses a key that would replace rows it does not see", function()
      db:insert(keyed):values { id = 1, org_id = 8, code = "a" }:run()
      denied('a key of "keyed" replaces rows', function()
        h:insert(keyed):values { id = 2, org_id = 7, code = "a" }:run()
      end)
      assert.equal(0, h:from(keyed):count())
    end)

    it("tells that a unique key is taken, and no more", function()
      local err = expect.error(function()
        h:insert(notes):values { org_id = 7, title = "note 4" }:run()
      end)

      assert.equal("constraint.unique", err.code)
      assert.is_nil(err.message:find("8", 1, true))
    end)

    it("lets the actions of foreign keys be", function()
      db:insert(comments):values { id = 9, note_id = 3, body = "mine" }:run()
      h:delete(notes):where(notes.id:eq(3)):run()

      assert.is_nil(db:from(comments):where { id = 9 }:one())
    end)

    it("writes prepared, row by row", function()
      local p <close> = h:insert(notes):values { org_id = d.param "org", title = d.param "title" }
        :prepare()

      p:run { org = 7, title = "one" }
      denied("does not allow this row", function()
        p:run { org = 8, title = "two" }
      end)
    end)

    it("leaves a transaction around a refused write as it was", function()
      db:transaction(function(tx)
        local inner = tx:as { org_id = 7 }
        tx:insert(tags):values { id = 3, name = "c" }:run()
        assert.is_false((pcall(function()
          inner:insert(notes):values { { org_id = 7, title = "a" },
            { org_id = 8, title = "b" } }:run()
        end)))
      end)

      assert.equal(3, db:from(tags):count())
      assert.equal(5, db:from(notes):count())
    end)
  end)

  describe("given to a repository", function()
    local Notes

    before_each(function()
      Notes = d.repository(notes, {})
    end)

    it("finds, changes and removes its own rows only", function()
      local repo = Notes(h)

      assert.equal(3, repo:count())
      assert.equal("note 1", repo:find(1).title)
      assert.is_nil(repo:find(4))
      expect.failure("not_found", "", repo.update, repo, 4, { body = "x" })
      assert.is_false(repo:delete(4))
      assert.equal(2, #repo:find_many { 2, 3, 4, 5 })
      assert.equal("x", repo:update(3, { body = "x" }).body)
      denied("does not allow this row", repo.create, repo, { org_id = 8, title = "t" })
      assert.equal(7, repo:create({ org_id = 7, title = "t" }).org_id)
    end)
  end)

  describe("whose rules speak of relations", function()
    local orgs = d.table("orgs", { d.integer "id" :primary_key(), d.integer "owner_id" })
    local teams = d.table("teams", { d.integer "id" :primary_key(),
      d.integer "org_id" :references "orgs.id" })
    local tasks = d.table("tasks", { d.integer "id" :primary_key(),
      d.integer "team_id" :references "teams.id", d.text "state" })
    local related = d.schema { orgs, teams, tasks,
      d.relations(orgs, { teams = d.many "teams" }),
      d.relations(teams, { org = d.one "orgs", open = d.many("tasks", {
        where = tasks.state:in_ { "new", "late" } }), tasks = d.many "tasks" }),
      d.relations(tasks, { team = d.one "teams" }),
    }
    local function own(ctx)
      return d.from(orgs):where(orgs.owner_id:eq(ctx.user_id))
    end
    d.policy(orgs, { select = function(ctx) return orgs.owner_id:eq(ctx.user_id) end })
    d.policy(teams, { all = function(ctx) return d.has("org", own(ctx)) & d.has_not "open" end })
    d.policy(tasks, { all = function(ctx) return d.has("team.org", own(ctx)) end })
    local other, mine

    before_each(function()
      other = d.open(":memory:", { schema = related })
      other:create()
      other:insert(orgs):values({ { id = 1, owner_id = 7 }, { id = 2, owner_id = 8 } }):run()
      other:insert(teams):values({ { id = 1, org_id = 1 }, { id = 2, org_id = 2 },
        { id = 3, org_id = 1 } }):run()
      other:insert(tasks):values({ { id = 1, team_id = 1, state = "new" },
        { id = 2, team_id = 2, state = "done" }, { id = 3, team_id = 3, state = "done" } }):run()
      mine = other:as { user_id = 7 }
    end)
    after_each(function()
      assert.equal(0, other:stats().live_statements)
      other:close()
    end)

    it("has the rows of its parents, whose own rows the rule sees whole", function()
      assert.same({ 1, 3 }, mine:from(tasks):order_by(tasks.id):list())
      assert.same({ 3 }, mine:from(teams):list()) -- team 1 has an open task
      assert.same({ 2 }, other:as({ user_id = 8 }):from(tasks):list())
      assert.equal(3, mine:from(orgs):with("teams.tasks"):one().teams[1].tasks[1].id)
      assert.equal(2, mine:from(d.alias(tasks, "t")):count())
    end)

    it("writes into own parents only", function()
      mine:insert(tasks):values { id = 9, team_id = 3 }:run()
      expect.failure("denied", 'the insert policy of "tasks" does not allow this row', function()
        mine:insert(tasks):values { id = 10, team_id = 2 }:run()
      end)
      expect.failure("denied", 'the update policy of "tasks"', function()
        mine:update(tasks):set { team_id = 2 }:where(tasks.id:eq(9)):run()
      end)
      assert.equal(0, mine:update(tasks):set { state = "x" }:where(tasks.id:eq(2)):run().changes)
      assert.equal(3, mine:delete(tasks):everywhere():run().changes)
      assert.same({ 2 }, other:from(tasks):list())
    end)

    it("holds for a connection, and takes one plan for all contexts", function()
      mine:from(tasks):all()
      local misses = other:stats().shape_misses
      for user = 8, 9 do
        other:as({ user_id = user }):from(tasks):all()
      end
      assert.equal(misses, other:stats().shape_misses)

      other:restrict { user_id = 8 }
      assert.same({ 2 }, other:from(tasks):list())
    end)

    it("takes no CTE that has the name of a table a rule reads", function()
      expect.failure("denied", 'the CTE "teams" has the name of a table', function()
        mine:with("teams", d.from(tasks):select { id = tasks.team_id, org_id = d.sql "1" })
          :from(tasks):all()
      end)
    end)

    it("is refused for a relation that is not there", function()
      local lone = d.table("lone", { d.integer "id" :primary_key(),
        d.integer "up_id" :references "lone.id" })
      local s = d.schema { lone, d.relations(lone, { up = d.one "lone" }) }
      d.policy(lone, { all = function(ctx) return d.has(ctx.relation) end })
      local alone <close> = d.open(":memory:", { schema = s })
      alone:create()

      assert.equal(0, alone:as({ relation = "up.up" }):from(lone):count())
      expect.failure("schema", 'table "lone" has no relation "upp"; did you mean "up"?', alone.as,
        alone, { relation = "upp" })
    end)

    it("refuses its own table alone where there is no schema", function()
      local bare <close> = d.open(":memory:")
      bare:create(related)
      local h7 = bare:as { org_id = 7, user_id = 7, relation = "up" }

      assert.equal(0, h7:from(orgs):count())
      expect.failure("invalid", 'the policy of "tasks" cannot be applied: it speaks of relations',
        function() h7:from(tasks):count() end)
    end)
  end)

  describe("of tables without a policy", function()
    it("opens those of the schema, unless told otherwise", function()
      assert.equal(2, h:from(tags):count())
      h:insert(tags):values { id = 3, name = "c" }:run()

      local closed = db:as({ org_id = 7 }, { tables = "closed" })
      assert.equal(3, closed:from(notes):count())
      denied('table "tags" has no policy, and tables without one are closed', function()
        closed:from(tags):count()
      end)
      denied('table "notes_text" has no policy', function()
        closed:from(notes_text):count()
      end)
    end)

    it("refuses any table that the schema does not know", function()
      local stats = d.table("dbstat", { d.text "name" })
      local shadow = d.table("notes_text_data", { d.integer "id", d.blob "block" })
      local pragma = d.table("pragma_table_list", { d.text "name" })

      for _, table in ipairs { stats, shadow, pragma } do
        denied("is not in the schema of the connection", function()
          h:from(table):all()
        end)
        denied("is not in the schema of the connection", function()
          h:from(tags):where(d.exists(d.from(table))):all()
        end)
      end
    end)

    it("is not fooled by another description of a table", function()
      local bare = d.table("NOTES", { d.integer "id", d.integer "org_id", d.text "title" })
      local prefixed = d.table("tes", { d.integer "id" }, { prefix = "no" })
      local index = d.table("notes_text", { d.text "title", d.integer "rowid" })
      local looked = d.table("titles", { d.text "title" })

      assert.equal(3, h:from(bare):count())
      assert.equal(3, h:from(prefixed):count())
      assert.equal(3, h:from(index):count())
      denied("has no policy of its own", function()
        h:from(looked):all()
      end)
      assert.equal(0, h:delete(bare):where(bare.id:eq(4)):run().changes)
      denied("does not allow this row", function()
        h:insert(bare):values { id = 9, org_id = 8, title = "x" }:run()
      end)
    end)

    it("holds for a table outside of the schema whose policy stands in it", function()
      local outside = d.table("outside", { d.integer "org_id" })
      local own = d.table("own", { d.integer "id" :primary_key() })
      local wide = d.schema { own,
        d.policy(outside, { all = function(ctx) return outside.org_id:eq(ctx.org_id) end }) }
      local other <close> = d.open(":memory:", { schema = wide })
      other:create()
      other:exec("CREATE TABLE outside (org_id)")
      other:exec("INSERT INTO outside VALUES (7), (8)")

      assert.equal(1, other:as { org_id = 7 }:from(outside):count())
    end)

    it("has the policies of all tables when the connection has no schema", function()
      local other <close> = d.open(":memory:")
      other:create(d.schema { notes, comments, members, tags })
      fill(other)
      for i = 1, 20 do -- tables that are gone, or about to go, have no say
        local t = d.table("t" .. i, { d.integer "org_id" })
        d.policy(t, { all = function(ctx) return t.org_id:eq(ctx.org_id) end })
      end
      collectgarbage("step")
      local inside = other:as { org_id = 7 }
      collectgarbage()
      collectgarbage()
      inside = inside:as { org_id = 7 }

      assert.equal(3, inside:from(notes):count())
      expect.failure("denied", 'table "tags" has no policy', function()
        inside:from(tags):count()
      end)
    end)
  end)

  describe("asked for more", function()
    it("runs no SQL text, unless it is let to", function()
      for _, text in ipairs { "SELECT * FROM notes", "ATTACH 'x' AS y", "SAVEPOINT s", "ROLLBACK",
        "PRAGMA table_list", "EXPLAIN SELECT 1", "CREATE TEMP TABLE notes (id)" } do
        denied("SQL text cannot be filtered", h.query, h, text)
        denied("SQL text cannot be filtered", h.exec, h, text)
      end
      local raw = db:as({ org_id = 7 }, { raw = true })
      assert.equal(5, raw:query("SELECT count(*) FROM notes"):value())
      assert.equal(3, raw:from(notes):count())
    end)

    it("takes text in a query for an expression only", function()
      local long = d.sql("length(?) + ? > ?", notes.title, notes.id, 7)
      assert.equal(2, h:from(notes):where(long):count())
      assert.equal(1, h:from(notes):where(d.raw "draft"):count())
      for _, text in ipairs { "1) OR (1", "id IN (SELECT id FROM notes)", "id IN notes",
        "1 UNION SELECT * FROM notes", "(VALUES (1))", "1 --", "1; DELETE FROM notes" } do
        denied("SQL text may be an expression here", function()
          h:from(notes):where(d.raw(text)):all()
        end)
        denied("SQL text may be an expression here", function()
          h:delete(notes):where(d.raw(text)):run()
        end)
      end
      denied("SQL text may be an expression here", function()
        h:from(notes):where(d.sql("? IN ?", notes.id, d.ref("main").notes)):all()
      end)
    end)

    it("offers nothing that reaches beyond the rules", function()
      local folder = files.folder()
      local methods = {
        backup = { folder.path("copy.db") }, restore = { folder.path("copy.db") }, create = {},
        checkpoint = {}, create_function = { "f", function() end },
        create_aggregate = { "g", { begin = print, step = print } },
        create_collation = { "c", function() return 0 end }, on_query = { print },
        on_update = { print }, on_commit = { print }, on_rollback = { print },
        on_warning = { print }, interrupt = {}, path = {}, stats = {}, vacuum = {}, optimize = {},
        integrity_check = {}, advise = { h:from(notes) }, explain = { "SELECT 1" },
      }
      for name, arguments in pairs(methods) do
        denied("", h[name], h, table.unpack(arguments))
        local in_txn = native.methods("txn")
        if rawget(in_txn, name) and name ~= "vacuum" then
          h:transaction(function(tx)
            denied("", in_txn[name], tx, table.unpack(arguments))
          end)
        end
      end
      expect.failure("denied", "the handle is under one", native.connection, h)
      folder.remove()
    end)

    it("knows of every method whether it is for it", function()
      -- A new one stands here or above, and is thought over before.
      local fit = { as = true, begin = true, changes = true, close = true, delete = true,
        explain = true, from = true, in_transaction = true, insert = true, is_open = true,
        last_id = true, query = true, exec = true, schema = true, set_timeout = true,
        transaction = true, update = true, with = true, with_timeout = true }
      local unfit = {}
      for name in pairs(native.methods("conn")) do
        if not fit[name] then
          local good, err = pcall(native.methods("conn")[name], h, function() end, {}, {})
          unfit[name] = good or (err.code ~= "denied" and err.code ~= "invalid")
        end
      end
      for name, is_open in pairs(unfit) do
        assert.is_falsy(is_open, name .. " works under a policy: is it filtered?")
      end
    end)

    it("shows no way to what is behind it", function()
      assert.is_false(getmetatable(h))
      assert.equal("handle under a policy", tostring(h))
      assert.equal(h, native.unfiltered(h))
      assert.equal(h, (native.origin(h:from(notes))))
      assert.has_error(function() h.anything = 1 end)
    end)

    it("gives no other handle away by errors, rows or what reads them", function()
      local _, refused = pcall(h.query, h, "SELECT 1")
      local _, broken = pcall(function()
        h:insert(notes):values { org_id = 7, title = "note 4" }:run()
      end)
      local cursor <close> = h:from(notes):rows()
      local prepared <close> = h:from(notes):prepare()

      for _, err in ipairs { refused, broken } do
        for key, value in pairs(err) do
          assert.not_equal("userdata", type(value), key)
          assert.not_equal("function", type(value), key)
        end
      end
      for _, box in ipairs { cursor, prepared } do
        assert.is_false(getmetatable(box))
        for _, name in ipairs { "conn", "connection", "handle", "query", "exec" } do
          expect.error(function() return box[name] end)
        end
      end
    end)

    it("passes on to transactions, and what they give to read", function()
      h:transaction(function(tx)
        assert.equal(3, tx:from(notes):count())
        tx:transaction(function(inner)
          assert.equal(3, inner:from(notes):count())
          denied("SQL text cannot be filtered", inner.query, inner, "SELECT 1")
        end)
        assert.equal(0, tx:as { org_id = 8 }:from(notes):count())
      end)
      local tx <close> = h:begin()
      assert.equal(3, tx:from(notes):count())
      assert.equal(tx, (native.origin(tx:from(notes))))
    end)

    it("gets narrower, never wider", function()
      assert.equal(0, h:as { org_id = 8 }:from(notes):count())
      assert.equal(3, h:as { org_id = 7 }:from(notes):count())
      local raw = h:as({ org_id = 7 }, { raw = true })
      denied("SQL text cannot be filtered", raw.query, raw, "SELECT 1")
      local closed = db:as({ org_id = 7 }, { tables = "closed" })
      denied('table "tags" has no policy', function()
        closed:as({ org_id = 7 }, { tables = "open" }):from(tags):all()
      end)
    end)

    it("takes no CTE for a table, nor a table for a CTE", function()
      denied('the CTE "notes" has the name of a table', function()
        h:with("notes", d.from(notes)):from("notes"):all()
      end)
      -- The rule for comments reads notes: a CTE of that name must not take its place.
      denied('the CTE "notes" has the name of a table', function()
        h:with("notes", d.from(tags):select { id = tags.id, org_id = d.cast(7, "integer") })
          :from(comments):all()
      end)
      assert.equal(3, h:from(comments):join(d.alias(tags, "notes"),
        d.ref("notes").id:eq(1)):count())
    end)

    it("stays with a query that becomes a part of another one", function()
      local own = h:from(notes):select(notes.id)

      assert.equal(3, db:from(notes):where(notes.id:in_(own)):count())
      assert.equal(3, db:from(own:as "t"):count())
      assert.equal(3, db:with("t", own):from("t"):count())
      assert.equal(3, db:from(notes):select(notes.id):union(own):count())
      assert.equal(3, db:from(notes):where(d.all(notes.id:in_(own), notes.id:gt(0))):count())
      local n = db:from(tags):where(tags.id:eq(1)):select { n = own:limit(1) }
      assert.equal(1, n:count())
      denied("the parts of the query were started under different policies", function()
        db:as { org_id = 8 }:from(notes):where(notes.id:in_(own)):all()
      end)
    end)

    it("keeps what was prepared outside outside, and inside inside", function()
      local outside <close> = db:from(notes):select(notes.id):prepare()
      local inside <close> = h:from(notes):select(notes.id):prepare()
      local other <close> = db:as { org_id = 8 }:from(notes):select(notes.id):prepare()

      for _ = 1, 3 do
        assert.equal(5, #outside:all())
        assert.equal(3, #inside:all())
        assert.equal(2, #other:all())
      end
    end)

    it("reads on while others read otherwise", function()
      local function walk(handle)
        local next_row, _, _, closing = handle:from(notes):order_by(notes.id):rows()
        return { next = next_row, closing = closing }
      end
      local mine, all, theirs = walk(h), walk(db), walk(db:as { org_id = 8 })

      assert.equal("1 1 4 2 2 5", table.concat({ mine.next().id, all.next().id, theirs.next().id,
        mine.next().id, all.next().id, theirs.next().id }, " "))
      for _, one in ipairs { mine, all, theirs } do
        one.closing:close()
      end
    end)

    it("is not widened by a codec or a row that is read meanwhile", function()
      local seen = {}
      local spy = d.type { name = "spy", sql = "TEXT", encode = tostring, decode = function(text)
        seen[#seen + 1] = db:from(notes):count() .. h:from(notes):count()
        return text
      end }
      local spied = d.table("comments", { d.integer "id", spy "body" })

      assert.equal(3, #h:from(spied):all())
      assert.equal("53 53 53", table.concat(seen, " "))
      local rows = { { org_id = 7, title = "a" }, { org_id = 8, title = "b" } }
      denied("does not allow this row", function()
        h:insert(notes):values(function()
          db:from(notes):count()
          return table.remove(rows, 1)
        end):run()
      end)
    end)

    it("survives the death of everything else", function()
      local q = (function()
        return db:as { org_id = 7 }:from(notes):where(notes.id:gt(1))
      end)()
      local e = (function()
        return comments.note_id:in_(db:as { org_id = 7 }:from(notes):select(notes.id))
      end)()
      for i = 1, 50 do
        db:as { org_id = i }:from(notes):count()
        collectgarbage()
      end

      assert.equal(2, q:count())
      assert.equal(3, db:from(comments):where(e):count())
    end)

    it("can be closed, which closes nothing else", function()
      do
        local inner <close> = db:as { org_id = 7 }
        assert.is_true(inner:is_open())
        inner:close()
        assert.is_false(inner:is_open())
        expect.failure("closed", "the handle is closed", function()
          inner:from(notes):all()
        end)
      end

      assert.is_true(db:is_open())
      local after = db:as { org_id = 7 }
      db:close()
      assert.is_false(after:is_open())
      expect.failure("closed", "closed", function()
        after:from(notes):all()
      end)
      db = d.open(":memory:", { schema = schema })
    end)
  end)

  describe("beside a connection under one", function()
    it("is held with all other handles of it", function()
      db:restrict { org_id = 7 }

      assert.equal(3, db:from(notes):count())
      assert.equal(0, db:as { org_id = 8 }:from(notes):count())
      assert.equal(3, db:begin():from(notes):count())
      expect.failure("denied", "SQL text cannot be filtered", db.query, db, "SELECT 1")
      expect.failure("denied", "does not allow this row", function()
        db:insert(notes):values { org_id = 8, title = "x" }:run()
      end)
      expect.failure("denied", "the handle is under one", h.restrict, h, { org_id = 7 })
    end)

    it("cannot widen it again", function()
      db:restrict { org_id = 7 }
      db:restrict({ org_id = 8 }, { raw = true })

      assert.equal(0, db:from(notes):count())
      expect.failure("denied", "SQL text cannot be filtered", db.exec, db, "SELECT 1")
    end)

    it("leaves a large import that fails undone", function()
      db:restrict { org_id = 7 }
      expect.failure("denied", "does not allow this row", db.transaction, db, function(tx)
        tx:insert(notes):values { { org_id = 7, title = "a" }, { org_id = 8, title = "b" } }
          :without_savepoint():run()
      end)

      assert.equal(3, db:from(notes):count())
      assert.is_false(db:in_transaction())
    end)
  end)

  describe("and its context", function()
    it("calls a rule once for a handle", function()
      calls = 0
      local inside = db:as { org_id = 7 }
      inside:from(notes):all()
      inside:from(notes):count()
      inside:update(notes):set { body = "x" }:everywhere():run()

      assert.equal(1, calls)
    end)

    it("never takes a misspelt key for no filter", function()
      local inside = db:as { orgid = 7 }

      expect.failure("invalid", 'the policy of "notes" cannot be applied to select: the context '
        .. 'has no "org_id"; did you mean "orgid"?', function()
        inside:from(notes):all()
      end)
      for _, run in ipairs {
        function() inside:insert(notes):values { org_id = 7, title = "x" }:run() end,
        function() inside:delete(notes):everywhere():run() end,
        function() inside:from(tags):where(d.exists(d.from(notes))):all() end,
        function() inside:from(comments):all() end,
      } do
        expect.failure("invalid", 'the context has no "org_id"', run)
      end
      assert.equal(2, inside:from(tags):count())
    end)

    it("does not believe a rule that swallows the error", function()
      local sly = d.table("sly", { d.integer "id" :primary_key() })
      local small = d.schema { sly }
      d.policy(sly, { all = function(ctx)
        return not pcall(function() return ctx.nothing end)
      end })
      local other <close> = d.open(":memory:", { schema = small })
      other:create()

      expect.failure("invalid", 'the context has no "nothing"', function()
        other:as {}:from(sly):all()
      end)
    end)

    it("is copied, and cannot be changed by a rule", function()
      local given, seen = { org_id = 7, ids = { 1, 2 } }, nil
      local one = d.table("one", { d.integer "id" :primary_key() })
      local small = d.schema { one }
      d.policy(one, { all = function(ctx)
        seen = ctx
        return one.id:in_(ctx.ids)
      end })
      local other <close> = d.open(":memory:", { schema = small })
      other:create()
      other:insert(one):values { { id = 1 }, { id = 2 }, { id = 3 } }:run()
      local inside = other:as(given)
      given.ids[3] = 3

      assert.equal(2, inside:from(one):count())
      assert.is_false(getmetatable(seen))
      expect.misuse("a context cannot be changed", function() seen.org_id = 8 end)
      local keys = {}
      for key in pairs(seen) do
        keys[#keys + 1] = key
      end
      table.sort(keys)
      assert.same({ "ids", "org_id" }, keys)
    end)

    it("refuses what is no context", function()
      expect.misuse("as() takes a context", db.as, db)
      expect.misuse("as() takes a context", db.as, db, 7)
      expect.misuse("as is called with a colon", db.as, { org_id = 7 })
      expect.misuse('as() has no option "row"; did you mean "raw"?', db.as, db, { org_id = 7 },
        { row = true })
      expect.misuse('option "tables" of as()', db.as, db, { org_id = 7 }, { tables = "shut" })
      local own = {}
      own.own = own
      expect.misuse("cannot hold itself", db.as, db, own)
    end)

    it("refuses a connection whose tables have no policy", function()
      local plain = d.schema { d.table("plain", { d.integer "id" }) }
      local other <close> = d.open(":memory:", { schema = plain })

      expect.misuse("no table of this connection has a policy", other.as, other, {})
    end)
  end)

  describe("and its declaration", function()
    local t = d.table("declared", { d.integer "id" :primary_key(), d.integer "n" })

    it("refuses what is no rule", function()
      expect.misuse("policy() takes a table", d.policy, "notes", {})
      expect.misuse("takes a table of rules", d.policy, t, print)
      expect.misuse("has no rule", d.policy, t, {})
      expect.misuse('did you mean "select"?', d.policy, t, { selct = true })
      expect.misuse('rule "insert" of the policy of "declared" is a function', d.policy, t,
        { insert = "x" })
    end)

    it("refuses what a rule must not return", function()
      for _, wrong in ipairs { { nil, "nil" }, { 1, "the number 1" }, { {}, "a table" },
        { d.from(t), "a query" } } do
        local one = d.table("wrong", { d.integer "id" })
        d.policy(one, { select = function() return wrong[1] end })
        local other <close> = d.open(":memory:", { schema = d.schema { one } })
        expect.misuse('rule "select" of the policy of "wrong" returned', other.as, other, {})
      end
    end)

    it("passes on what a rule raises", function()
      local one = d.table("raising", { d.integer "id" })
      d.policy(one, { select = function() error("stop", 0) end })
      local other <close> = d.open(":memory:", { schema = d.schema { one } })
      local good, err = pcall(other.as, other, {})

      assert.is_false(good)
      assert.equal("stop", err)
    end)

    it("blames the rule for a column that is not its table's", function()
      local one = d.table("stray", { d.integer "id" })
      d.policy(one, { select = function() return tags.id:eq(1) end })
      local other <close> = d.open(":memory:", { schema = d.schema { one } })
      other:create()

      expect.failure("invalid", 'in the policy of "stray": column "tags.id" is not in this query',
        function() other:as {}:from(one):all() end)
    end)

    it("takes conditions and truths in place of functions, and holds several policies", function()
      local one = d.table("fixed", { d.integer "id" :primary_key(), d.integer "n" })
      d.policy(d.alias(one, "f"), { select = one.n:gt(1), insert = true })
      d.policy(one, { select = one.n:lt(4), delete = false })
      local other <close> = d.open(":memory:", { schema = d.schema { one } })
      other:create()
      local inside = other:as {}
      for n = 1, 5 do
        inside:insert(one):values { n = n }:run()
      end

      assert.same({ 2, 3 }, inside:from(one):select(one.n):list())
      assert.equal(0, inside:delete(one):everywhere():run().changes)
      assert.equal("policy of \"fixed\"", tostring(d.policy(one, { all = true })))
    end)
  end)
end)

describe("A filter", function()
  local policy = require("dbcore.policy")
  local db, f

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    fill(db)
    f = policy.filtered(db, { { table = notes, condition = notes.draft:eq(false) } })
  end)
  after_each(function()
    db:close()
  end)

  it("hides rows and forbids nothing", function()
    assert.equal(4, f:from(notes):count())
    assert.equal(4, f:from(comments):join("note"):count())
    assert.equal(5, f:query("SELECT count(*) FROM notes"):value())
    assert.equal(5, f:from(titles):count())
    assert.equal(0, f:from(logs):count())
    assert.is_table(f:stats())
  end)

  it("lets a row be hidden by a write, and finds no hidden one", function()
    assert.equal(1, f:update(notes):set { draft = true }:where(notes.id:eq(1)):returning()
      :one().id)
    assert.equal(0, f:update(notes):set { draft = false }:where(notes.id:eq(3)):run().changes)
    assert.equal(3, f:from(notes):count())
  end)

  it("stacks with others and with policies, and opens again alone", function()
    local both = policy.filtered(f, { { table = notes, condition = notes.id:gt(1) } })
    local inside = f:as { org_id = 7 }
    local under = policy.filtered(db:as { org_id = 7 },
      { { table = notes, condition = notes.draft:eq(false) } })

    assert.equal(3, both:from(notes):count())
    assert.equal(2, inside:from(notes):count())
    assert.equal(2, under:from(notes):count())
    assert.equal(f, native.unfiltered(both))
    assert.equal(db, native.unfiltered(f))
    assert.equal(inside, native.unfiltered(inside))
    assert.equal(under, native.unfiltered(under))
    expect.failure("denied", "SQL text cannot be filtered", under.query, under, "SELECT 1")
    assert.is_true(native.is_restricted(under))
    assert.is_false(native.is_restricted(f))
  end)

  it("holds in its transactions", function()
    f:transaction(function(tx)
      assert.equal(4, tx:from(notes):count())
      assert.equal(5, tx:query("SELECT count(*) FROM notes"):value())
    end)
  end)
end)
