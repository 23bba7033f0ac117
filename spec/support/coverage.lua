-- The table of spec/coverage out of a summary in gcovr's JSON:
--
--   dbscript coverage.lua SUMMARY.json
local d = require("dbcore")

local LEAST = 12 -- files shown

local FILES = [[
  SELECT value ->> 'filename' AS name,
         value ->> 'line_total' AS lines, value ->> 'line_covered' AS lines_hit,
         value ->> 'branch_total' AS branches, value ->> 'branch_covered' AS branches_hit
  FROM json_each(?, '$.files')
  ORDER BY lines_hit - lines, name]]

local function read(path)
  local file <close> = assert(io.open(path))
  local db <close> = d.open(":memory:")
  return db:query(FILES, file:read("a")):all()
end

local function add(sums, name, file)
  local sum = sums[name]
  if not sum then
    sum = { lines = 0, lines_hit = 0, branches = 0, branches_hit = 0 }
    sums[name] = sum
  end
  for key, figure in pairs(sum) do
    sum[key] = figure + file[key]
  end
end

local function share(hit, total)
  return total == 0 and "-" or ("%.1f %%"):format(100 * hit / total)
end

local function print_sums(sums, names)
  print(("%-28s %7s %8s %9s %8s"):format("", "lines", "", "branches", ""))
  for _, name in ipairs(names) do
    local sum = sums[name]
    print(("%-28s %7d %8s %9d %8s"):format(name, sum.lines, share(sum.lines_hit, sum.lines),
      sum.branches, share(sum.branches_hit, sum.branches)))
  end
end

local files = read(assert(arg[1], "name the summary"))
local sums, names, all = {}, {}, {}
for _, file in ipairs(files) do
  local folder = file.name:match("^(.*)/") or "."
  if not sums[folder] then
    names[#names + 1] = folder
  end
  add(sums, folder, file)
  add(all, "all", file)
end
table.sort(names)
print_sums(sums, names)
print_sums(all, { "all" })

print("\nmost lines that nothing reaches")
for i = 1, math.min(LEAST, #files) do
  local file = files[i]
  print(("%-48s %5d of %d"):format(file.name, file.lines - file.lines_hit, file.lines))
end
