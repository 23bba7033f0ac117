-- Answers a dozen questions about a shop of digital music, each by one deep query.
--
--   dbscript main.lua [CHINOOK.DB]
--
-- Without a database it asks the sample beside it, which excerpt.lua took from the whole one.
local here = arg[0]:match("^(.*)/[^/]*$") or "."
package.path = here .. "/?.lua;" .. package.path

local questions = require "questions"
local sample = require "sample"

if arg[1] == "--help" or arg[2] then
  print("usage: dbscript main.lua [CHINOOK.DB]")
  os.exit(arg[2] and 2 or 0, true)
end

local LONGEST = 8 -- lines of an answer that are printed

local db <close> = arg[1] and sample.open(arg[1]) or sample.load(here .. "/sample.sql")
for _, one in ipairs(questions) do
  print(one.title)
  local answer = one.ask(db)
  for i = 1, math.min(#answer, LONGEST) do
    local words = {}
    for n, value in ipairs(answer[i]) do
      words[n] = tostring(value)
    end
    print("  " .. table.concat(words, " | "))
  end
  if #answer > LONGEST then
    print(("  … and %d more"):format(#answer - LONGEST))
  end
end
