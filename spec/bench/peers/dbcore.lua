-- dbcore on each workload: lua5.4 dbcore.lua WORKLOAD DATASET SCRATCH
local d = require "dbcore"
local w = require "workload"

local name, dataset, scratch = ...

local function ticket_columns()
  return {
    d.integer("id"):primary_key(),
    d.text("title"):not_null(),
    d.text("status"):not_null(),
    d.text("body"):not_null(),
    d.integer("project_id"):not_null(),
    d.integer("priority"):not_null(),
    d.real("score"):not_null(),
    d.text("note"),
  }
end

local tickets = d.table("tickets", ticket_columns())
local items = d.table("items", ticket_columns())
-- The same rows, with something to check in each column.
local ruled = d.table("items", {
  d.integer("id"):primary_key(),
  d.text("title"):not_null():length(1, 80):pattern("^Ticket"),
  d.text("status"):not_null():enum({ "open", "closed", "in_progress", "blocked", "review" }),
  d.text("body"):not_null():length(nil, 1000),
  d.integer("project_id"):not_null():range(1, nil),
  d.integer("priority"):not_null():range(0, 9),
  d.real("score"):not_null(),
  d.text("note"):length(nil, 100),
})
local projects = d.table("projects", {
  d.integer("id"):primary_key(),
  d.text("name"):not_null(),
  d.boolean("active"):not_null(),
})

local function open(path, schema)
  return d.open(path, { durability = "normal", schema = schema,
    pragmas = { cache_size = -65536 } })
end

local fresh, close = w.items(scratch, open, function(db, sql)
  db:exec(sql)
end)

local work = {}

function work.point()
  local db = open(dataset)
  w.measure("point", "builder", w.READS, function()
    for i = 1, w.READS do
      assert(db:from(tickets):where(tickets.id:eq(w.key(i))):one().priority)
    end
  end)
  local get = db:from(tickets):where(tickets.id:eq(d.param("id"))):prepare()
  local arguments = {}
  w.measure("point", "prepared", w.READS, function()
    for i = 1, w.READS do
      arguments.id = w.key(i)
      assert(get:one(arguments).priority)
    end
  end)
end

function work.all()
  local db = open(dataset)
  w.measure("all", "builder", w.TICKETS, function()
    assert(#db:from(tickets):all() == w.TICKETS)
  end)
end

function work.iterate()
  local db = open(dataset)
  w.measure("iterate", "builder", w.TICKETS, function()
    local sum = 0
    for row in db:from(tickets):rows() do
      sum = sum + row.priority
    end
    assert(sum > 0)
  end)
end

-- 100 authors × 20 posts × 5 comments as nested tables.
function work.deep()
  local authors = d.table("authors", {
    d.integer("id"):primary_key(),
    d.text("name"):not_null(),
    d.text("email"):not_null(),
  })
  local posts = d.table("posts", {
    d.integer("id"):primary_key(),
    d.integer("author_id"):not_null():references("authors.id"),
    d.text("title"):not_null(),
    d.text("body"):not_null(),
    d.index("posts_author"):on("author_id"),
  })
  local comments = d.table("comments", {
    d.integer("id"):primary_key(),
    d.integer("post_id"):not_null():references("posts.id"),
    d.text("author"):not_null(),
    d.text("body"):not_null(),
    d.index("comments_post"):on("post_id"),
  })
  local db = open(dataset, d.schema({
    authors,
    posts,
    comments,
    d.relations(authors, { posts = d.many("posts") }),
    d.relations(posts, { comments = d.many("comments") }),
  }))
  w.measure("deep", "builder", w.LOADS, function()
    for _ = 1, w.LOADS do
      local rows = db:from(authors):with("posts.comments"):all()
      assert(#rows == 100 and #rows[100].posts == 20 and #rows[100].posts[20].comments == 5)
    end
  end)
  w.measure("deep", "builder, in the order of their keys", w.LOADS, function()
    for _ = 1, w.LOADS do
      local rows = db:from(authors)
        :with({
          posts = d.from(posts)
            :order_by(posts.id)
            :with({ comments = d.from(comments):order_by(comments.id) }),
        })
        :order_by(authors.id)
        :all()
      assert(#rows == 100 and #rows[100].posts == 20 and #rows[100].posts[20].comments == 5)
    end
  end)
end

-- A join with three conditions, an order and a limit. A new shape each time:
-- the connection has no cache to remember it in.
function work.build()
  local function build(db, i)
    return db
      :from(tickets)
      :join(projects, projects.id:eq(tickets.project_id))
      :where(
        tickets.status:eq("open") & tickets.priority:ge(i % 10) & projects.active:eq(true)
      )
      :select(
        tickets.id,
        tickets.title,
        tickets.status,
        tickets.priority,
        tickets.score,
        projects.name
      )
      :order_by(tickets.score:desc(), tickets.id)
      :limit(50)
      :to_sql()
  end
  local function run(db)
    return function()
      for i = 1, w.BUILDS do
        build(db, i)
      end
    end
  end
  w.measure("build", "shape is known", w.BUILDS, run(open(dataset)))
  local forgetful = d.open(dataset, { statement_cache = 0 })
  w.measure("build", "shape is new", w.BUILDS, run(forgetful))
end

function work.insert()
  local rows = w.rows(w.TICKETS)
  w.measure("insert", "builder", w.TICKETS, function(db)
    db:transaction(function(tx)
      for i = 1, #rows do
        tx:insert(items):values(rows[i]):run()
      end
    end)
  end, fresh, close)
end

function work.bulk()
  local batches = w.batches(w.rows(w.TICKETS))
  w.measure("bulk", "1000 rows a call", w.TICKETS, function(db)
    db:transaction(function(tx)
      for i = 1, #batches do
        tx:insert(items):values(batches[i]):run()
      end
    end)
  end, fresh, close)
  w.measure("bulk", "1000 rows a call, returning", w.TICKETS, function(db)
    db:transaction(function(tx)
      for i = 1, #batches do
        assert(#tx:insert(items):values(batches[i]):returning():all() == w.BATCH)
      end
    end)
  end, fresh, close)
  w.measure("bulk", "1000 rows a call, with rules", w.TICKETS, function(db)
    db:transaction(function(tx)
      for i = 1, #batches do
        tx:insert(ruled):values(batches[i]):run()
      end
    end)
  end, fresh, close)
end

function work.commit()
  local rows = w.rows(w.COMMITS)
  w.measure("commit", "builder", w.COMMITS, function(db)
    for i = 1, #rows do
      db:insert(items):values(rows[i]):run()
    end
  end, fresh, close)
end

-- The rows are let go of before it starts: a heap full of them would be walked
-- by the collector again and again, and be what is measured.
function work.update()
  w.measure("update", "builder", w.TICKETS, function(db)
    db:transaction(function(tx)
      for i = 1, w.TICKETS do
        tx
          :update(items)
          :set({ priority = i % 10, score = i / 3 })
          :where(items.id:eq(w.key(i)))
          :run()
      end
    end)
  end, function()
    local db = fresh()
    db:insert(items):values(w.rows(w.TICKETS)):run()
    return db
  end, close)
end

-- Not a time: the memory of a million rows that pass by, beside that of one.
function work.memory()
  local db = open(scratch)
  local numbers = db:query(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
      .. "SELECT i, 'row number ' || i AS label FROM n"
  )
  collectgarbage()
  local low, high, count = collectgarbage("count"), 0, 0
  for _ in numbers:rows() do
    count = count + 1
    if count % 1000 == 0 then
      high = math.max(high, collectgarbage("count"))
    end
  end
  assert(count == 1000000)
  print(("memory\trows()\t%d\t%.3f"):format(count, (high - low) / 1024))
  close(db)
end

if work[name] then
  work[name]()
end
