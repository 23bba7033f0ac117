-- lua/meta/dbcore, what editors know of the module: it declares what exists, all of it, and nothing
-- else.
local d = require("dbcore")
local native = require("dbcore.native")
local files = require("spec.support.files")

local FOLDER = "lua/meta/dbcore"

---------------------------------------------------------------------------------------------------
-- What is declared

-- Class → { parent =, fields = set, operators = set, functions = set }, and a list of all functions
-- with their comments. A function belongs to the class that stands above its `local`.
local function read(source)
  local classes, functions, comment = {}, {}, {}
  local owners, class = {}, nil -- local → its class; the one that was opened last
  for line in source:gmatch("([^\n]*)\n") do
    local name, parent = line:match("^%-%-%-@class ([%w_.]+):? ?([%w_.]*)")
    local owner = line:match("^local ([%w_]+) = {}$")
    local holder, verb, parameters = line:match("^function ([%w_]+)[.:]([%w_]+)%((.-)%) end$")
    if name then
      -- Only the module is declared in parts.
      class = name == "dbcore" and classes[name] or { parent = parent ~= "" and parent or nil,
        fields = {}, operators = {}, functions = {} }
      classes[name] = class
    elseif owner then
      owners[owner] = class
    elseif holder then
      assert(owners[holder], holder .. " has no class").functions[verb] = true
      functions[#functions + 1] = { name = holder .. "." .. verb, parameters = parameters,
        comment = table.concat(comment, "\n"):gsub("^\n", "") }
    end
    local field = line:match("^%-%-%-@field ([%w_]+)")
    local operator = line:match("^%-%-%-@operator ([%w_]+)")
    if field then
      class.fields[field] = true
    elseif operator then
      class.operators[operator] = true
    end
    comment = line:find("^%-%-%-") and { table.concat(comment, "\n"), line } or {}
  end
  return classes, functions
end

-- The files by name, in the order of their names.
local function list()
  local names = {}
  local pipe <close> = assert(io.popen("ls " .. FOLDER))
  for name in pipe:lines() do
    names[#names + 1] = name
  end
  return names
end

local parts = {} -- the text of each file
for i, name in ipairs(list()) do
  parts[i] = { name = name, text = assert(files.read(FOLDER .. "/" .. name)) }
end
local text = ""
for _, part in ipairs(parts) do
  text = text .. part.text .. "\n"
end
local classes, functions = read(text)

-- The functions of a class and its parents, sorted.
local function declared(name)
  local names, seen = {}, {}
  while name do
    local class = assert(classes[name], name .. " is not declared")
    for verb in pairs(class.functions) do
      if not seen[verb] then
        seen[verb], names[#names + 1] = true, verb
      end
    end
    name = class.parent
  end
  table.sort(names)
  return names
end

local function sorted_keys(map, wanted)
  local names = {}
  for key, value in pairs(map) do
    if not wanted or wanted(key, value) then
      names[#names + 1] = key
    end
  end
  table.sort(names)
  return names
end

---------------------------------------------------------------------------------------------------
-- What exists

local t = d.table("t", { d.integer "id" :primary_key(), d.text "a" })

-- The verbs of a description, which it names itself when asked for one that is none.
local function verbs_of(object)
  local index = getmetatable(object).__index
  for i = 1, 10 do
    local name, value = debug.getupvalue(index, i)
    if name == "methods" then
      return sorted_keys(value)
    end
  end
  error("the verbs are not where they were")
end

-- The steps and ends that suit one kind of query: the others say so when they are called.
local REFUSALS = { "is no step of", "are for queries; this is", "run is for writes",
  "page() is for queries" }

local function refuses(query, method)
  local good, err = pcall(query[method], query)
  for _, piece in ipairs(REFUSALS) do
    if not good and tostring(err):find(piece, 1, true) then
      return true
    end
  end
  return false
end

local function suiting(query)
  return sorted_keys(native.methods("query"), function(method)
    return not refuses(query, method)
  end)
end

describe("The definitions for editors", function()
  it("are Lua, marked as definitions that only the module's name requires", function()
    assert.is_true(#parts > 20)
    for _, part in ipairs(parts) do
      local head = part.name == "init.lua" and "---@meta dbcore" or "---@meta _"

      assert(load(part.text, "@" .. FOLDER .. "/" .. part.name, "t"))
      assert.equal(head, part.text:match("^[^\n]*"))
      assert.equal(part.name == "init.lua", part.text:find("\nreturn ") ~= nil)
    end
  end)

  it("say what each file is for, and keep a noun to a file", function()
    for _, part in ipairs(parts) do
      local _, lines = part.text:gsub("\n", "")

      assert.truthy(part.text:find("^[^\n]*\n%-%- %u"), part.name .. " does not say what it is for")
      assert.is_true(lines < 400, part.name .. " is too long")
    end
  end)

  it("give the module's functions to the module, in each file", function()
    for _, part in ipairs(parts) do
      local owned = part.text:match("%-%-%-@class dbcore\n(.-)local dbcore = {}\n")
      local has = part.text:find("\nfunction dbcore%.") ~= nil

      assert.equal(has, owned ~= nil, part.name)
      assert.truthy(not has or owned:gsub("%-%-%-@field [^\n]*\n", "") == "", part.name)
    end
  end)

  it("declare the module", function()
    local names = sorted_keys(d, function(_, value) return type(value) == "function" end)
    local fields = sorted_keys(d, function(_, value) return type(value) ~= "function" end)

    assert.same(names, declared("dbcore"))
    assert.same(fields, sorted_keys(classes["dbcore"].fields))
  end)

  for name, kind in pairs { ["dbcore.Conn"] = "conn", ["dbcore.Tx"] = "txn",
    ["dbcore.Cursor"] = "cursor", ["dbcore.Prepared"] = "prepared", ["dbcore.Mock"] = "mock",
    ["dbcore.Expr"] = "expr" } do
    it("declare the methods of " .. name, function()
      assert.same(sorted_keys(native.methods(kind)), declared(name))
    end)
  end

  it("declare what a query can do, by its kind", function()
    local db <close> = d.open(":memory:", { schema = d.schema { t } })
    db:create()

    assert.same(suiting(db:from(t)), declared("dbcore.Query"))
    assert.same(suiting(db:insert(t)), declared("dbcore.Insert"))
    assert.same(suiting(db:update(t):set { a = "x" }:where(t.id:eq(1))), declared("dbcore.Update"))
    assert.same(suiting(db:delete(t):where(t.id:eq(1))), declared("dbcore.Delete"))
  end)

  it("declare no step twice and forget none", function()
    local all = {}
    for _, name in ipairs { "dbcore.Query", "dbcore.Insert", "dbcore.Update", "dbcore.Delete" } do
      for _, verb in ipairs(declared(name)) do
        all[verb] = true
      end
    end

    assert.same(sorted_keys(native.methods("query")), sorted_keys(all))
  end)

  it("declare what stands behind with()", function()
    local with = d.with("x", d.from(t))
    local index = debug.getmetatable(with).__index

    assert.same(sorted_keys(index), declared("dbcore.With"))
  end)

  it("declare the operators of expressions", function()
    local others = { __index = true, __newindex = true, __tostring = true, __lt = true,
      __le = true, __name = true, __metatable = true, __gc = true }
    local events = {}
    for event in pairs(debug.getmetatable(t.id)) do
      if not others[event] then
        events[event:sub(3)] = true
      end
    end

    assert.same(sorted_keys(events), sorted_keys(classes["dbcore.Expr"].operators))
  end)

  for name, object in pairs { ["dbcore.Column"] = d.text "x", ["dbcore.Index"] = d.index "x",
    ["dbcore.Key"] = d.unique "x", ["dbcore.ForeignKey"] = d.foreign_key "x",
    ["dbcore.Relation"] = d.one "x", ["dbcore.Rule"] = d.rule("x", print) } do
    it("declare the verbs of " .. name, function()
      assert.same(verbs_of(object), declared(name))
    end)
  end

  it("declare what a repository can do, and what it takes", function()
    local methods = require("dbcore.repository").methods
    local options = sorted_keys(classes["dbcore.RepositoryOptions"].fields, function(name)
      local _, err = pcall(d.repository, t, { [name] = 5 })
      return not tostring(err):find("has no option", 1, true)
    end)

    assert.same(sorted_keys(methods, function(name) return not name:find("^_") end),
      declared("dbcore.Repo"))
    assert.same(sorted_keys(classes["dbcore.RepositoryOptions"].fields), options)
  end)

  it("declare the verbs of migrations", function()
    local db <close> = d.open(":memory:")
    local words = require("dbcore.migrate.words").methods

    assert.same(verbs_of(d.migrator(db, { migrations = {} })), declared("dbcore.Migrator"))
    assert.same(sorted_keys(words.migration), declared("dbcore.Migration"))
    assert.same(sorted_keys(words.rebuild), declared("dbcore.Rebuild"))
  end)

  it("declare that checks and triggers have no verbs", function()
    assert.same({}, verbs_of(d.check "x > 0"))
    assert.same({}, verbs_of(d.trigger("x", "AFTER DELETE ON t BEGIN SELECT 1; END")))
    assert.same(verbs_of(d.unique "x"), verbs_of(d.primary_key "x"))
  end)

  it("name every code of an error, and no other", function()
    local header = assert(files.read("core/include/dbcore/status.h"))
    local codes, named = {}, {}
    for word in header:match("define DBC_STATUS_MAP.-\n\n"):gmatch('X%([%w_]+, %-%d+, "([^"]+)"') do
      codes[word] = true
    end
    for word in text:match("@alias dbcore.ErrorCode\n(.-)\n\n"):gmatch('%-%-%-| "([^"]+)"') do
      named[word] = true
    end

    assert.is_true(#sorted_keys(codes) > 20)
    assert.same(sorted_keys(codes), sorted_keys(named))
  end)

  it("name the options of open, which knows no other", function()
    local taken = sorted_keys(classes["dbcore.OpenOptions"].fields, function(name)
      local _, err = pcall(d.open, ":memory:", { [name] = print })
      return not tostring(err):find("has no option", 1, true)
    end)
    local source = assert(files.read("bindings/lua/lopen.c"))
    local known = { on_slow = true, on_n_plus_one = true } -- of lua/dbcore/observe.lua
    for name in source:match("option_names%[%] = {(.-)NULL}"):gmatch('"([%w_]+)"') do
      known[name] = true
    end

    assert.same(sorted_keys(known), taken)
    assert.same(sorted_keys(known), sorted_keys(classes["dbcore.OpenOptions"].fields))
  end)

  it("name the figures of stats() and the fields of its events", function()
    local db <close> = d.open(":memory:")
    local event
    db:on_query(function(given) event = given end)
    pcall(db.exec, db, "CREATE TABLE x (y NOT NULL)")
    pcall(db.exec, db, "INSERT INTO x VALUES (NULL)")

    assert.same(sorted_keys(db:stats()), sorted_keys(classes["dbcore.Stats"].fields))
    assert.same(sorted_keys(event), sorted_keys(classes["dbcore.Event"].fields))
  end)

  it("declare no name twice", function()
    local seen = {}
    for _, kind in ipairs { "class", "alias" } do
      for name in text:gmatch("%-%-%-@" .. kind .. " ([%w_.]+)") do
        assert.is_true(not seen[name] or name == "dbcore", name .. " is declared twice")
        seen[name] = true
      end
    end
    assert.is_true(#sorted_keys(seen) > 50)
  end)

  it("describe every function, every parameter, and only types that are declared", function()
    assert.is_true(#functions > 200)
    for _, one in ipairs(functions) do
      local given = {}
      assert.truthy(one.comment:find("^%-%-%- %S"), one.name .. " is not described")
      for name in one.parameters:gmatch("[%w_.]+") do
        given[name] = true
        assert.truthy(one.comment:find("@param " .. name:gsub("%.", "%%.") .. "%?? "),
          one.name .. " does not describe " .. name)
      end
      for name in one.comment:gmatch("@param ([%w_.]+)%??") do
        assert.is_true(given[name], one.name .. " describes " .. name .. ", which it has not")
      end
    end
    for name in text:gmatch("dbcore%.%u%w*") do
      assert.truthy(classes[name] or text:find("@alias " .. name .. "[ \n]"),
        name .. " is not declared")
    end
  end)
end)
