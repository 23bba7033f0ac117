-- The folder of the example, seen from the root, where spec/run starts.
package.path = "examples/packages/?.lua;" .. package.path

local control = require "control"
local import = require "import"
local questions = require "questions"
local report = require "report"
local schema = require "schema"

local function file_with(text)
  local file = assert(io.tmpfile())
  file:write(text)
  file:seek "set"
  return file
end

local function source_of(text)
  return { title = "a test", open = function() return file_with(text) end }
end

-- An index of installed packages: each argument is "name" or
-- "name: dependency, dependency" or { "name: …", more lines }.
local function index_of(list)
  local stanzas = {}
  for _, entry in ipairs(list) do
    local lines = type(entry) == "table" and entry or { entry }
    local name, needs = lines[1]:match "^(%S-):%s*(.+)$"
    stanzas[#stanzas + 1] = table.concat({
      "Package: " .. (name or lines[1]),
      "Status: install ok installed",
      "Version: 1",
      "Architecture: all",
      "Installed-Size: 10",
      needs and "Depends: " .. needs or "Description: small",
      table.unpack(lines, 2),
    }, "\n")
  end
  return table.concat(stanzas, "\n\n") .. "\n"
end

local function database_with(list)
  local db = schema.open(":memory:")
  import.run(db, { source_of(index_of(list)) })
  return db
end

local function names_of(rows)
  local names = {}
  for i, row in ipairs(rows) do
    names[i] = row.name
  end
  table.sort(names)
  return names
end

describe("control", function()
  it("cuts a file into its stanzas", function()
    local file <close> = file_with("Package: a\nVersion: 1\n\n\nPackage: b\n")

    local found = {}
    for stanza in control.stanzas(file) do
      found[#found + 1] = control.field(stanza, "\nPackage: ")
    end

    assert.same({ "a", "b" }, found)
  end)

  it("finds stanzas that lie across the blocks it reads", function()
    local padding = ("x"):rep(70001)
    local parts = {}
    for i = 1, 40 do
      parts[i] = ("Package: p%d\nTag: %s\n"):format(i, padding)
    end
    local file <close> = file_with(table.concat(parts, "\n"))

    local count = 0
    for stanza in control.stanzas(file) do
      count = count + 1
      assert.equal("p" .. count, control.field(stanza, "\nPackage: "))
      assert.equal(padding, control.field(stanza, "\nTag: "))
    end

    assert.equal(40, count)
  end)

  it("does not take a field for another that ends alike", function()
    local stanza = "\nInstalled-Size: 7\nSize: 9\n"

    assert.equal("9", control.field(stanza, "\nSize: "))
    assert.is_nil(control.field(stanza, "\nVersion: "))
  end)

  it("takes a list of relations apart", function()
    local list = "libc6 (>= 2.34), awk | gawk:any (>> 1:4),z(= 1) |y , last:any"

    local found = {}
    for name, version, separator in control.relations(list) do
      found[#found + 1] = ("%s [%s] %s"):format(name, version, separator)
    end

    assert.same({
      "libc6 [>= 2.34] ,", "awk [] |", "gawk [>> 1:4] ,", "z [= 1] |", "y [] ,", "last [] ",
    }, found)
  end)

  it("takes an empty list of relations for what it is", function()
    assert.is_nil(control.relations ""())
  end)
end)

describe("import", function()
  it("doubles nothing when it is run again", function()
    local db <close> = database_with { "a: b, c", "b", "c" }

    import.run(db, { source_of(index_of { "a: b, c", "b", "c" }) })

    assert.equal(3, db:from(schema.packages):count())
    assert.equal(2, db:from(schema.dependencies):count())
  end)

  it("forgets what a package no longer needs", function()
    local db <close> = database_with { "a: b, c", "b", "c" }

    import.run(db, { source_of(index_of { "a: c", "b", "c" }) })

    assert.same({ "c" }, db:from(schema.dependencies):select({ schema.dependencies.target }):list())
  end)

  it("forgets packages that have gone, and their dependencies", function()
    local db <close> = database_with { "a: b", "b" }

    import.run(db, { source_of(index_of { "b" }) })

    assert.same({ "b" }, names_of(db:from(schema.packages):all()))
    assert.equal(0, db:from(schema.dependencies):count())
  end)

  it("leaves out packages that are not installed any more", function()
    local gone = "Package: x\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n"
    local db <close> = database_with { "a" }

    import.run(db, { source_of(gone) })

    assert.equal(0, db:from(schema.packages):count())
  end)

  it("changes nothing when an index breaks off", function()
    local db <close> = database_with { "a" }
    local broken = { title = "a program", open = function()
      return io.popen("printf 'Package: b\\nVersion: 1\\nArchitecture: all\\n'; exit 3")
    end }

    local good, problem = pcall(import.run, db, { broken })

    assert.is_false(good)
    assert.matches("a program broke off with exit code 3", tostring(problem), 1, true)
    assert.same({ "a" }, names_of(db:from(schema.packages):all()))
  end)

  it("keeps text in every language and packages without a summary", function()
    local text = "Package: a\nVersion: 1\nArchitecture: all\nDescription: Größe – 大きさ\n"
    local db <close> = database_with {}

    import.run(db, { source_of(text), source_of(index_of { "b: a" }) })

    assert.equal("Größe – 大きさ", questions.package(db, "a").summary)
    assert.equal("", questions.package(db, "b").summary)
    assert.is_false(questions.package(db, "a").installed)
    assert.is_true(questions.package(db, "b").installed)
  end)
end)

describe("questions", function()
  it("follow dependencies to their end, in circles too", function()
    local db <close> = database_with { "a: b", "b: c, d", "c: a", "d", "e" }

    assert.same({ "b", "c", "d" }, names_of(questions.pulled_in(db, "a")))
  end)

  it("take the first alternative, and a provider for a name that is no package", function()
    local db <close> = database_with {
      "a: b | c, mailer", "b", "c", { "post", "Provides: mailer" },
    }

    assert.same({ "b", "post" }, names_of(questions.pulled_in(db, "a")))
  end)

  it("tell who would break, directly and through others", function()
    local db <close> = database_with { "a: b", "b: c", "c", "d: c | b2", "b2", "e" }

    assert.same({ "a", "b" }, names_of(questions.broken_without(db, "c", true)))
  end)

  it("count an alternative only when it is installed", function()
    local db <close> = database_with { "c", "d: c | missing" }

    assert.same({ "d" }, names_of(questions.broken_without(db, "c", true)))
  end)

  it("list the packages that nobody needs, by name or by what they provide", function()
    local db <close> = database_with {
      "a: b, mailer", "b", { "post", "Provides: mailer" }, { "base", "Essential: yes" },
    }

    assert.same({ "a" }, names_of(questions.unneeded(db, 10)))
  end)

  it("count each package once among those that want another", function()
    local db <close> = database_with { "a: c (>= 1), c (<< 2)", "b: c", "c" }

    local first = questions.most_wanted(db, 10)[1]

    assert.equal("c", first.name)
    assert.equal(2, first.wanted_by)
  end)

  it("find packages by words of their summaries", function()
    local db <close> = database_with {}
    import.run(db, { source_of [[
Package: a
Version: 1
Architecture: all
Description: a small database engine

Package: b
Version: 1
Architecture: all
Description: an engine for games
]] })

    assert.same({ "a" }, names_of(questions.search(db, "engine database", 10)))
    assert.same({ "a", "b" }, names_of(questions.search(db, "engine", 10)))
    assert.same({}, questions.search(db, 'no "such', 10))
  end)
end)

describe("report", function()
  it("groups the digits of long numbers", function()
    assert.equal("7", report.number(7))
    assert.equal("999", report.number(999))
    assert.equal("1 000", report.number(1000))
    assert.equal("1 234 567", report.number(1234567))
  end)

  it("gives sizes in the unit that fits", function()
    assert.equal("0 kB", report.size(0))
    assert.equal("10 kB", report.size(10))
    assert.equal("1.0 MB", report.size(977))
    assert.equal("3.3 GB", report.size(3218736))
  end)
end)
