-- Runs every peer on every workload, in turns, and prints one table:
--
--   lua5.4 table.lua BUILD LUA [WORKLOAD…]
--
-- A round is one process a peer and workload; ROUNDS (default 3) rounds are
-- made, and the order of the peers turns with each. Quoted is the median of
-- all repetitions, in µs an operation, and its ratio to the hand-written
-- binding (the floor) of the same run; the spread is the distance of the
-- quartiles.
local build, lua = arg[1], arg[2]
local here = arg[0]:match("^(.*)/[^/]*$") or "."
local rounds = tonumber(os.getenv("ROUNDS") or 3)

local WORKLOADS = {
  { "point", "read by key" },
  { "all", "100 000 rows into tables" },
  { "iterate", "100 000 rows, one by one" },
  { "deep", "100 authors with 20 posts with 5 comments" },
  { "build", "a join query as SQL text" },
  { "insert", "insert, a call a row" },
  { "bulk", "insert, 1000 rows a call" },
  { "commit", "insert, a transaction a row" },
  { "update", "update by key" },
  { "memory", "memory over 1 000 000 rows" },
}

local PEERS = {
  { "raw C", build .. "/raw" },
  { "hand-written", lua .. " " .. here .. "/peers/floor.lua" },
  { "dbcore", lua .. " " .. here .. "/peers/dbcore.lua" },
  { "LuaSQL", lua .. " " .. here .. "/peers/luasql.lua", "luasql.sqlite3" },
  { "LuaDBI", lua .. " " .. here .. "/peers/luadbi.lua", "DBI" },
  { "better-sqlite3", "node " .. here .. "/peers/better_sqlite3.mjs", node = "better-sqlite3" },
  { "Drizzle", "node " .. here .. "/peers/drizzle.mjs", node = "drizzle-orm" },
  { "Kysely", "node " .. here .. "/peers/kysely.mjs", node = "kysely" },
}

-- What is measured against what: the ratio's base is the floor's own line of
-- the workload, or the line named here.
local BASE = {
  ["build"] = "raw C",
  ["bulk/1000 rows a call, with rules"] = "dbcore/1000 rows a call",
  ["bulk/1000 rows a call, returning"] = "hand-written/1000 rows a call, returning",
}

local function has(module)
  local command = ("%s -e 'require \"%s\"' >/dev/null 2>&1"):format(lua, module)
  return os.execute(command)
end

-- Those in Node bring a SQLite of their own; what they are built on must load, too.
local function has_node(module)
  local command = ("node %s/peers/has.mjs better-sqlite3 %s >/dev/null 2>&1"):format(here, module)
  return os.execute(command)
end

local results, order = {}, {}

local function collect(peer, line)
  local workload, variant, count, seconds = line:match("^(%S+)\t([^\t]+)\t(%d+)\t(%S+)$")
  if not workload then
    return
  end
  local key = workload .. "/" .. peer .. "/" .. variant
  if not results[key] then
    results[key] = { workload = workload, peer = peer, variant = variant, times = {} }
    order[#order + 1] = key
  end
  local micros = tonumber(seconds) / tonumber(count) * 1e6
  if workload == "memory" then
    micros = tonumber(seconds)
  end
  table.insert(results[key].times, micros)
end

local function run(peer, workload)
  local dataset, scratch = build .. "/dataset.db", build .. "/scratch.db"
  local command = ("%s %s %s %s"):format(peer[2], workload, dataset, scratch)
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do
    collect(peer[1], line)
  end
  if not pipe:close() then
    io.stderr:write("failed: ", command, "\n")
    os.exit(1)
  end
end

local function quantile(sorted, share)
  return sorted[math.max(1, math.ceil(#sorted * share))]
end

local function median_of(key)
  local result = results[key]
  if not result then
    return nil
  end
  table.sort(result.times)
  return quantile(result.times, 0.5)
end

local function base_of(result)
  local named = BASE[result.workload .. "/" .. result.variant] or BASE[result.workload]
  for _, key in ipairs(order) do
    local other = results[key]
    if other.workload == result.workload then
      local full = other.peer .. "/" .. other.variant
      if full == named or other.peer == (named or "hand-written") then
        return median_of(key)
      end
    end
  end
end

local function print_result(result, key)
  local median, base = median_of(key), base_of(result)
  local spread = quantile(result.times, 0.75) - quantile(result.times, 0.25)
  local ratio = base and ("%.2f"):format(median / base) or ""
  local name = result.peer .. ", " .. result.variant
  print(("  %-44s %10.2f %8.2f %8s"):format(name, median, spread, ratio))
end

local chosen = {}
for i = 3, #arg do
  chosen[arg[i]] = true
end

local function is_chosen(workload)
  return next(chosen) == nil or chosen[workload[1]]
end

local present = {}
for _, peer in ipairs(PEERS) do
  if peer.node and has_node(peer.node) or not peer.node and (not peer[3] or has(peer[3])) then
    present[#present + 1] = peer
  else
    print(("(%s is not installed: left out)"):format(peer[1]))
  end
end

for round = 0, rounds - 1 do
  for _, workload in ipairs(WORKLOADS) do
    if is_chosen(workload) then
      for i = 0, #present - 1 do
        run(present[(i + round) % #present + 1], workload[1])
      end
    end
  end
end

print(("%-46s %10s %8s %8s"):format("", "median", "spread", "ratio"))
for _, workload in ipairs(WORKLOADS) do
  if is_chosen(workload) then
    local unit = workload[1] == "memory" and "MiB more at most" or "µs an operation"
    print(("%s (%s)"):format(workload[2], unit))
    for _, key in ipairs(order) do
      if results[key].workload == workload[1] then
        print_result(results[key], key)
      end
    end
  end
end
