-- Policies and full text: an index shows the rows that its table shows, however the two are
-- described and whatever is asked of the index.
local d = require("dbcore")
local expect = require("spec.support.expect")

local count = 0

-- A table with two rows, of org 7 and of org 8, its index, and a handle for org 7 under the
-- policies that `rule(table)` gives. Names are new each time: a policy is one of a name.
local function world(rule, context, options)
  count = count + 1
  local name = "memo" .. count
  local memos = d.table(name, {
    d.integer "id" :primary_key(),
    d.integer "org_id" :not_null(),
    d.text "body" :not_null(),
  })
  local index = d.fts(name .. "_text", { "body" }, { content = memos })
  local tags = d.table("tags", { d.integer "id" :primary_key() })
  local policies = { rule(memos, index, name) }
  local schema = d.schema { memos, index, tags, table.unpack(policies) }
  local db = d.open(":memory:", { schema = schema })
  db:create()
  db:insert(memos):values({ { org_id = 7, body = "our fox" }, { org_id = 8, body = "their fox" } })
    :run()
  db:insert(tags):values({ { id = 1 }, { id = 2 } }):run()
  return { memos = memos, index = index, tags = tags, db = db,
    h = db:as(context or { org_id = 7 }, options) }
end

local function own(memos)
  return d.policy(memos, { all = function(ctx) return memos.org_id:eq(ctx.org_id) end })
end

local function search(w)
  return w.h:from(w.index):where(d.match(w.index, "fox")):select(w.index.rowid):list()
end

describe("A full-text index under a policy of its table", function()
  it("shows the rows that the table shows", function()
    local w = world(own)

    assert.same({ 1 }, search(w))
    assert.equal(1, w.h:from(w.index):count())
    assert.same({ 1, 2 }, w.db:from(w.index):select(w.index.rowid):list())
  end)

  it("answers everything that can be asked of it", function()
    local w = world(own)
    local index = w.index
    local row = w.h:from(index):where(d.match(index, "fox")):order_by(index.rank)
      :select { id = index.rowid, rank = index.rank, best = d.bm25(index, { body = 2 }),
        marked = index.body:highlight("[", "]"), piece = d.snippet(index) }

    assert.equal(1, #row:all())
    assert.equal("our [fox]", row:one().marked)
    assert.equal("our fox", row:one().piece)
    local t = d.alias(index, "t")
    assert.equal("our <fox>", w.h:from(t):where(d.match(t, "fox"))
      :select(t.body:highlight("<", ">")):value())
  end)

  it("shows no more in pages", function()
    local w = world(own)

    local page = w.h:from(w.index):where(d.match(w.index, "fox")):order_by(w.index.rank)
      :select(w.index.rowid):page { size = 5 }

    assert.same({ { rowid = 1 } }, page.rows)
    assert.is_nil(page.next)
  end)

  it("shows no more when it is joined", function()
    local w = world(own)
    local index, memos, tags = w.index, w.memos, w.tags

    assert.equal(1, w.h:from(memos):join(index, memos.id:eq(index.rowid))
      :where(d.match(index, "fox")):count())
    local rows = w.h:from(tags):left_join(index, d.match(index, "fox") & index.rowid:eq(tags.id))
      :order_by(tags.id):select { id = tags.id, body = index.body }:all()
    assert.same({ { id = 1, body = "our fox" }, { id = 2 } }, rows)
    for _, join in ipairs { "right_join", "full_join" } do
      local q = w.h:from(tags)
      q = q[join](q, index, tags.id:eq(index.rowid)):where(index.body:is_not_null())
      assert.same({ "our fox" }, q:select(index.body):list())
    end
  end)

  it("shows nothing where the policy does not speak of reading", function()
    local w = world(function(memos) return d.policy(memos, { insert = true }) end)

    expect.failure("denied", "says nothing about select", search, w)
  end)

  it("shows nothing when the context lacks what the rule asks for", function()
    local w = world(own, { user_id = 1 })

    expect.failure("invalid", 'the context has no "org_id"', search, w)
  end)

  it("is not fooled by another description of its table", function()
    local bare = world(function(_, _, name)
      local other = d.table(name, { d.integer "id", d.integer "org_id" })
      return own(other)
    end)
    local prefixed = world(function(_, _, name)
      local other = d.table(name:sub(3), { d.integer "id" :primary_key(), d.integer "org_id" },
        { prefix = name:sub(1, 2) })
      return own(other)
    end)

    assert.same({ 1 }, search(bare))
    assert.same({ 1 }, search(prefixed))
  end)

  it("obeys both when it has a policy itself", function()
    local function both(memos, index)
      return own(memos), d.policy(index, { select = function() return index.rowid:ne(1) end })
    end

    assert.same({}, search(world(both)))
    assert.same({}, search(world(both, nil, { tables = "closed" })))
  end)

  it("cannot be written to", function()
    local w = world(own)

    expect.failure("denied", "cannot be written to", function()
      w.h:insert(w.index):values { body = "x" }:run()
    end)
  end)

  it("hides what a repository has deleted", function()
    local letters = d.table("letters", {
      d.integer "id" :primary_key(), d.text "body", d.timestamp "deleted_at",
    })
    local index = d.fts("letters_text", { "body" }, { content = letters })
    local db <close> = d.open(":memory:", { schema = d.schema { letters, index } })
    db:create()
    local repo = d.repository(letters, { soft_delete = "deleted_at" })(db)
    repo:create_many { { body = "a fox" }, { body = "the fox" } }
    repo:delete(1)

    local found = repo:query():join(index, letters.id:eq(index.rowid))
      :where(d.match(index, "fox")):select(letters.id)

    assert.same({ 2 }, found:list())
  end)
end)
