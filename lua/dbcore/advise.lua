-- Advice: what makes a query slow, and the index that would help. An index is only proposed when
-- the engine itself, asked about an empty copy of the schema with that index, uses it to do less.
local native = require("dbcore.native")
local check = require("dbcore.check")
local explain = require("dbcore.explain")
local token = require("dbcore.token")
local usage = require("dbcore.usage")

local MIN_ROWS = 1000 -- a table with fewer rows is read at once anyway
local ROUNDS = 4 -- indexes proposed for one query, at most
local WIDEST = 4 -- columns of a proposed index

-- Work that an index might spare, by weight.
local SCAN, AUTOMATIC, SORT = 4, 3, 1

---------------------------------------------------------------------------------------------------
-- What the plan says

local function problems_in(rows)
  local problems = { weight = 0 }
  local function add(kind, weight, alias)
    problems[#problems + 1] = { kind = kind, alias = alias }
    problems.weight = problems.weight + weight
  end
  for _, row in ipairs(rows) do
    local detail = row.detail
    local scanned = detail:match("^SCAN (%S+)")
    local searched = detail:match("^SEARCH (%S+) USING AUTOMATIC")
    if searched then
      add("join", AUTOMATIC, searched)
    elseif scanned and scanned ~= "CONSTANT" then
      add("scan", SCAN, scanned)
    elseif detail:find("^USE TEMP B%-TREE") then
      add("sort", SORT)
    end
  end
  return problems
end

local function uses_index(rows, name)
  for _, row in ipairs(rows) do
    if row.detail:find("INDEX " .. name, 1, true) then
      return true
    end
  end
  return false
end

---------------------------------------------------------------------------------------------------
-- Candidates, and asking the engine about them

local function joined(...)
  local list = {}
  for _, part in ipairs({ ... }) do
    for _, name in ipairs(part) do
      usage.add_once(list, name)
    end
  end
  return #list > 0 and #list <= WIDEST and list or nil
end

-- Lists of columns that an index on the source could have, the most useful first.
local function candidates_for(use)
  local list, seen = {}, {}
  local function add(columns, desc)
    local key = columns and table.concat(columns, "\0") .. (desc and "\0\0" or "")
    if key and not seen[key] then
      seen[key], columns.desc = true, desc
      list[#list + 1] = columns
    end
  end
  for _, sort in ipairs(use.sorts) do
    add(joined(use.equal, sort), sort.desc)
    add(joined(sort), sort.desc)
  end
  for _, name in ipairs(use.range) do
    add(joined(use.equal, { name }))
  end
  add(joined(use.equal))
  for _, name in ipairs(use.equal) do
    add({ name })
    for _, range in ipairs(use.range) do
      add(joined({ name }, { range }))
    end
  end
  return list
end

local function index_name(taken, name, columns)
  local base = (name .. "_" .. table.concat(columns, "_")):gsub("[^%w_]", "_")
  local free, n = base, 1
  while taken[free:lower()] do
    n = n + 1
    free = ("%s_%d"):format(base, n)
  end
  return free
end

local function create_index(name, of, columns)
  local quoted = {}
  for i, column in ipairs(columns) do
    quoted[i] = token.quote(column) .. (columns.desc and columns.desc[column] and " DESC" or "")
  end
  return ("CREATE INDEX %s ON %s (%s)"):format(token.quote(name), token.quote(of),
    table.concat(quoted, ", "))
end

-- An empty copy of the schema in memory, with the statistics of the planner.
local function open_copy(handle)
  local copy = native.open(":memory:", { foreign_keys = false, defensive = false })
  for row in handle:query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL "
    .. "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND type <> 'trigger' ORDER BY rowid") do
    pcall(copy.exec, copy, row.sql) -- a table the copy cannot have is none the query needs, or
  end -- the plan fails and no index is proposed
  if handle:query("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'"):value() then
    copy:exec("ANALYZE")
    copy:exec("DELETE FROM sqlite_stat1")
    for row in handle:query("SELECT tbl, idx, stat FROM sqlite_stat1") do
      copy:exec("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", row.tbl,
        row.idx == nil and native.null or row.idx, row.stat)
    end
    copy:exec("ANALYZE sqlite_schema")
  end
  return copy
end

-- Whether an index goes to the rows that are equal before it has them in order.
local function starts_equal(use, columns)
  for _, name in ipairs(use.equal) do
    if name == columns[1] then
      return true
    end
  end
  return false
end

-- Whether `one` is better than `best`: it spares more, or goes to fewer rows, or is narrower.
local function is_better(one, best)
  if not best or one.gain ~= best.gain then
    return not best or one.gain > best.gain
  elseif one.is_equal ~= best.is_equal then
    return one.is_equal
  end
  return #one.columns < #best.columns
end

-- The best index of all candidates.
local function best_index(copy, sql, state, weight)
  local best
  for _, alias in ipairs(check.sorted_keys(state.uses)) do
    local of = state.sources[alias]
    for _, columns in ipairs(state.large(of) and candidates_for(state.uses[alias]) or {}) do
      local name = index_name(state.taken, of, columns)
      local statement = create_index(name, of, columns)
      if pcall(copy.exec, copy, statement) then
        local rows = explain.rows(copy, sql)
        local left = problems_in(rows).weight
        local gain = uses_index(rows, name) and weight - left or 0
        local one = { gain = gain, name = name, table = of, columns = columns, sql = statement,
          is_equal = starts_equal(state.uses[alias], columns) }
        best = gain > 0 and is_better(one, best) and one or best
        copy:exec("DROP INDEX " .. token.quote(name))
      end
    end
  end
  return best
end

local REASONS = {
  scan = "every row of %s is read: an index on %s would find them",
  join = "%s is indexed anew for each run: an index on %s would be there",
  sort = "rows of %s are sorted after they are read: an index on %s has the order",
}

local function message_for(kind, name, columns)
  return REASONS[kind]:format(check.quote(name), table.concat(columns, ", "))
end

-- Which kind of work the index spared: the heaviest that is gone.
local function spared(before, after)
  local count = { scan = 0, join = 0, sort = 0 }
  for _, one in ipairs(before) do
    count[one.kind] = count[one.kind] + 1
  end
  for _, one in ipairs(after) do
    count[one.kind] = count[one.kind] - 1
  end
  return count.scan > 0 and "scan" or count.join > 0 and "join" or "sort"
end

local function add_indexes(advice, handle, sql, state)
  local copy <close> = open_copy(handle)
  local good, rows = pcall(explain.rows, copy, sql)
  if not good then
    return problems_in(explain.rows(handle, sql))
  end
  local problems = problems_in(rows)
  for _ = 1, ROUNDS do
    local best = problems.weight > 0 and best_index(copy, sql, state, problems.weight)
    if not best then
      break
    end
    copy:exec(best.sql)
    state.taken[best.name:lower()] = true
    local left = problems_in(explain.rows(copy, sql))
    local kind = spared(problems, left)
    best.columns.desc = nil -- the statement has it
    advice[#advice + 1] = { kind = kind, table = best.table, columns = best.columns,
      message = message_for(kind, best.table, best.columns), sql = best.sql }
    problems = left
  end
  return problems
end

-- Large tables that are read whole although there is a condition on them.
local function add_hopeless(advice, problems, state)
  for _, problem in ipairs(problems) do
    local of = state.sources[problem.alias]
    local use = state.uses[problem.alias]
    if problem.kind == "scan" and of and use.condition and state.large(of) then
      advice[#advice + 1] = { kind = "scan", table = of, columns = {},
        message = ("every row of %s is read, and no index would help"):format(check.quote(of)) }
    end
  end
end

---------------------------------------------------------------------------------------------------
-- Foreign keys without an index

local function begins_with(parts, columns)
  local wanted = {}
  for _, name in ipairs(columns) do
    wanted[name:lower()] = true
  end
  for i = 1, #columns do
    if not parts[i] or not wanted[parts[i]:lower()] then
      return false
    end
  end
  return true
end

local function has_index(handle, name, columns)
  for row in handle:query("SELECT name FROM pragma_index_list(?) WHERE NOT partial", name) do
    local parts = handle:query("SELECT coalesce(name, '') AS name FROM pragma_index_info(?) "
      .. "ORDER BY seqno", row.name):list()
    if begins_with(parts, columns) then
      return true
    end
  end
  local key = handle:query("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk",
    name):list()
  return begins_with(key, columns)
end

local function foreign_keys_of(handle, name)
  local keys, order = {}, {}
  for row in handle:query('SELECT id, "from" AS name FROM pragma_foreign_key_list(?) '
    .. "ORDER BY id DESC, seq", name) do
    if not keys[row.id] then
      keys[row.id] = {}
      order[#order + 1] = row.id
    end
    table.insert(keys[row.id], row.name)
  end
  local list = {}
  for i, id in ipairs(order) do
    list[i] = keys[id]
  end
  return list
end

local function add_foreign_keys(advice, handle, names, state)
  local proposed = {}
  for _, one in ipairs(advice) do
    if one.sql then
      proposed[one.table .. "\0" .. one.columns[1]] = true
    end
  end
  for _, name in ipairs(names) do
    for _, columns in ipairs(foreign_keys_of(handle, name)) do
      if state.large(name) and not proposed[name .. "\0" .. columns[1]]
        and not has_index(handle, name, columns) then
        local index = index_name(state.taken, name, columns)
        state.taken[index:lower()] = true
        advice[#advice + 1] = { kind = "foreign_key", table = name, columns = columns,
          message = ("a foreign key of %s has no index on %s: deleting or changing what it points "
            .. "to reads every row"):format(check.quote(name), table.concat(columns, ", ")),
          sql = create_index(index, name, columns) }
      end
    end
  end
end

---------------------------------------------------------------------------------------------------

-- Looks things up in the database once: columns of a table, whether it is large, names taken.
local function new_state(handle, min_rows)
  local state, known, sizes = { taken = {} }, {}, {}
  for _, name in ipairs(handle:query("SELECT lower(name) FROM sqlite_schema"):list()) do
    state.taken[name] = true
  end
  function state.columns(name)
    if known[name] == nil then
      local set, any = {}, false
      for row in handle:query("SELECT name FROM pragma_table_xinfo(?)", name) do
        set[row.name], any = true, true
      end
      known[name] = any and set or false
    end
    return known[name]
  end
  function state.large(name)
    if sizes[name] == nil then
      local sql = ("SELECT 1 FROM %s LIMIT 1 OFFSET ?"):format(token.quote(name))
      sizes[name] = min_rows == 0
        or handle:query(sql, math.max(0, min_rows - 1)):value() ~= nil
    end
    return sizes[name]
  end
  return state
end

-- Whether the same index was proposed already.
local function is_known(advice, one)
  for _, other in ipairs(advice) do
    if other.sql and other.table == one.table
      and table.concat(other.columns, "\0") == table.concat(one.columns, "\0") then
      return true
    end
  end
  return false
end

-- Advice about one text; the tables that it reads are added to `names`.
local function add_advice(advice, handle, sql, state, names)
  local found = {}
  state.sources, state.uses = usage.read(sql, state.columns)
  local left = add_indexes(found, handle, sql, state)
  add_hopeless(found, left, state)
  for _, one in ipairs(found) do
    if not one.sql or not is_known(advice, one) then
      advice[#advice + 1] = one
    end
  end
  for _, alias in ipairs(check.sorted_keys(state.sources)) do
    usage.add_once(names, state.sources[alias])
  end
end

--- What could be faster, of a query with the relations that it loads: tables that are read whole,
--- sorting, joins and foreign keys without an index. Each piece of advice has `kind` ("scan",
--- "sort", "join", "foreign_key"), `table`, `columns`, `message`, and `sql`, the CREATE INDEX that
--- helps, unless none would.
---@param handle dbcore.Conn|dbcore.Tx
---@param query? dbcore.Query|string without one, only the foreign keys of all tables are looked at
---@param options? { min_rows: integer } tables with fewer rows are left alone (1000)
---@return table[] advice empty when all is well
local function advise(handle, query, options)
  check.handle(handle, "advise")
  local rules = { min_rows = "integer" }
  local given = check.options(options, rules, "advise()")
  local state = new_state(handle, given.min_rows or MIN_ROWS)
  local advice = {}
  if query == nil then
    local names = handle:query("SELECT name FROM sqlite_schema WHERE type = 'table' "
      .. "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"):list()
    add_foreign_keys(advice, handle, names, state)
    return advice
  end
  local sql = explain.text_of(query, "advise()")
  explain.rows(handle, sql) -- a wrong text is told before anything else
  local names = {}
  add_advice(advice, handle, sql, state, names)
  for _, text in ipairs(explain.loaded_texts(handle, query)) do
    add_advice(advice, handle, text, state, names)
  end
  add_foreign_keys(advice, handle, names, state)
  return advice
end

native.methods("conn").advise = advise
native.methods("txn").advise = advise

return advise
