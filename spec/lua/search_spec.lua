-- Full text: searching an index, how good a row fits, what is shown of it, and what people type.
local d = require("dbcore")
local expect = require("spec.support.expect")

local posts = d.table("posts", {
  d.integer "id" :primary_key(),
  d.text "title" :not_null(),
  d.text "body" :not_null() :default "",
  d.integer "org_id" :not_null() :default(1),
})
local posts_text = d.fts("posts_text", { "title", "body" }, { content = posts })
local schema = d.schema { posts, posts_text }

describe("A full-text index", function()
  local db

  before_each(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(posts):values({
      { id = 10, title = "Owl", body = "an owl that saw one fox run through a field of corn" },
      { id = 20, title = "Red fox", body = "it sleeps all day" },
      { id = 30, title = "C++ and \"quotes\"", body = "nothing about animals" },
    }):run()
  end)

  after_each(function() db:close() end)

  local function found(text)
    return db:from(posts_text):where(d.match(posts_text, text)):order_by(posts_text.rowid)
      :select(posts_text.rowid):list()
  end

  it("is searched as a whole or by one column", function()
    assert.same({ 10, 20 }, found("fox"))
    assert.same({ 20 }, db:from(posts_text):where(posts_text.title:match "fox")
      :select(posts_text.rowid):list())
  end)

  it("gives the key of its table, so that the two can be joined", function()
    local q = db:from(posts_text):join(posts, posts.id:eq(posts_text.rowid))
      :where(d.match(posts_text, "fox") & posts.org_id:eq(1))
      :order_by(posts_text.rank)
      :select { id = posts.id, title = posts.title }

    assert.same({ { id = 20, title = "Red fox" }, { id = 10, title = "Owl" } }, q:all())
  end)

  it("narrows a query of its table as a subquery, too", function()
    local hits = d.from(posts_text):where(d.match(posts_text, "fox")):select(posts_text.rowid)

    assert.equal(2, db:from(posts):where(posts.id:in_(hits)):count())
  end)

  it("ranks by weights of its columns", function()
    local function first(weights)
      return db:from(posts_text):where(d.match(posts_text, "fox"))
        :order_by(d.bm25(posts_text, weights)):select(posts_text.rowid):value()
    end

    assert.equal(20, first())
    assert.equal(20, first { title = 10 })
    assert.equal(10, first { body = 100, title = 0 })
  end)

  it("shows what was found", function()
    local row = db:from(posts_text):where(d.match(posts_text, "fox")):order_by(posts_text.rank)
      :select {
        marked = posts_text.title:highlight("<b>", "</b>"),
        piece = posts_text.body:snippet(),
        best = d.snippet(posts_text, { open = "[", close = "]" }),
      }:one()

    assert.same({ marked = "Red <b>fox</b>", piece = "it sleeps all day", best = "Red [fox]" }, row)
    local piece = posts_text.body:snippet { open = "[", close = "]", ellipsis = "…", words = 4 }
    assert.equal("…one [fox] run through…", db:from(posts_text):where(posts_text.body:match "fox")
      :select(piece):value())
  end)

  it("does all that under an alias and with a parameter", function()
    local t = d.alias(posts_text, "t")
    local p <close> = db:from(t):where(d.match(t, d.param "search")):order_by(t.rank)
      :select { id = t.rowid, w = d.bm25(t, { title = 2 }), marked = t.title:highlight("<", ">"),
        best = d.snippet(t, { words = 2 }) }:prepare()

    local row = p:one { search = "title: fox" }

    assert.same({ 20, "Red <fox>", "Red fox" }, { row.id, row.marked, row.best })
    assert.is_true(row.w < 0)
    assert.is_nil(p:one { search = "body: zebra" })
  end)

  it("is read in pages, the best first", function()
    for i = 1, 6 do
      db:insert(posts):values { title = ("fox "):rep(i), body = "x" }:run()
    end
    local q = db:from(posts_text):where(posts_text.title:match "fox"):order_by(posts_text.rank)
      :select(posts_text.rowid)
    local all, paged, after = q:list(), {}, nil
    repeat
      local page = q:page { size = 3, after = after }
      for _, row in ipairs(page.rows) do
        paged[#paged + 1] = row.rowid
      end
      after = page.next
    until not after

    assert.equal(7, #paged)
    assert.same(all, paged)
  end)

  it("keeps one plan for every search", function()
    local q = db:from(posts_text)
    q:where(d.match(posts_text, "fox")):select(d.snippet(posts_text)):all()
    local misses = db:stats().cache_misses

    q:where(d.match(posts_text, "owl")):select(d.snippet(posts_text, { open = "<" })):all()

    assert.equal(misses, db:stats().cache_misses)
  end)

  it("says that a search is malformed, whatever is wrong with it", function()
    for _, text in ipairs { "fox AND", "nope: fox", '"fox', "*fox", "", "(", "-fox", "a b^ +",
      "NEAR(fox, x)" } do
      local err = expect.failure("syntax", "the text of a full-text search is wrong", found, text)
      assert.truthy(err.message:find("match_words", 1, true))
    end
  end)

  it("shows no columns of its own unless they are asked for", function()
    assert.same({ "body", "title" }, (function()
      local names = {}
      for name in pairs(db:from(posts_text):where(d.match(posts_text, "fox")):one()) do
        names[#names + 1] = name
      end
      table.sort(names)
      return names
    end)())
  end)

  it("lets them be read and not written", function()
    expect.misuse('has no column "rank"', function()
      return db:insert(posts_text):values { rank = 1 }:run()
    end)
    expect.misuse('has no column "rowid"', function()
      return db:update(posts_text):set { rowid = 1 }:everywhere():run()
    end)
  end)

  it("names the mistake", function()
    expect.misuse('full-text index made by d.fts, "posts" is none', d.match, posts, "x")
    expect.misuse("match takes a full-text index, got text", d.match, "posts_text", "x")
    expect.misuse("match got nil", d.match, posts_text, nil)
    expect.misuse("highlight takes a column that a full-text index searches", function()
      return posts.title:highlight("<", ">")
    end)
    expect.misuse("snippet takes a column that a full-text index searches", function()
      return posts_text.rank:snippet()
    end)
    expect.misuse("highlight takes text to stand behind a word, got nil", function()
      return posts_text.title:highlight("<")
    end)
    expect.misuse('did you mean "title"?', d.bm25, posts_text, { titel = 2 })
    expect.misuse("bm25: the weight of title is a number, got text", d.bm25, posts_text,
      { title = "2" })
    expect.misuse("words is an integer from 1 to 64, got the number 65", d.snippet, posts_text,
      { words = 65 })
    expect.misuse('did you mean "open"?', d.snippet, posts_text, { opne = "[" })
    expect.misuse("snippet: open is text, got the number 1", d.snippet, posts_text, { open = 1 })
    expect.misuse('table "posts_text" has no column "rnak"', function() return posts_text.rnak end)
  end)

  describe("given what a person typed", function()
    it("finds the rows that have all words", function()
      assert.same({ 20 }, found(d.match_words "FOX  red"))
      assert.same({}, found(d.match_words "fox zebra"))
    end)

    it("finds those that have any of them", function()
      assert.same({ 10, 20 }, found(d.match_words("zebra fox", { any = true })))
    end)

    it("finds beginnings, of all words or of the last one", function()
      assert.same({}, found(d.match_words "slee"))
      assert.same({ 20 }, found(d.match_words("fox slee", { prefix = "last" })))
      assert.same({}, found(d.match_words("slee fox", { prefix = "last" })))
      assert.same({ 20 }, found(d.match_words("slee fo", { prefix = "all" })))
    end)

    it("finds nothing when there is nothing", function()
      for _, text in ipairs { "", "  \t\n", "!!!", "\0" } do
        assert.same({}, found(d.match_words(text)), text)
        assert.same({}, found(d.match_words(text, { any = true, prefix = "all" })), text)
      end
    end)

    it("takes no word for an operator, and never fails", function()
      assert.same({ 30 }, found(d.match_words 'c++ "quotes"'))
      local pieces = { "fox", "AND", "OR", "NOT", "NEAR(", ")", '"', "'", "*", "^", ":", "-", "+",
        "title:", "{", "}", "\\", "\0", "é", "\xff", ",", "NEAR(a b, 2)", " " }
      for i = 1, 2000 do
        local text = {}
        for k = 1, i % 7 do
          text[k] = pieces[(i * 31 + k * k * 17) % #pieces + 1]
        end
        text = table.concat(text, i % 2 == 0 and " " or "")
        local options = { any = i % 3 == 0, prefix = ({ "all", "last" })[i % 4] }
        assert.is_table(found(d.match_words(text, options)), text)
      end
    end)

    it("names the mistake", function()
      expect.misuse("match_words takes text, got the number 5", d.match_words, 5)
      expect.misuse('prefix is "all" or "last", got text "first"', d.match_words, "x",
        { prefix = "first" })
      expect.misuse('did you mean "any"?', d.match_words, "x", { ayn = true })
    end)
  end)
end)
