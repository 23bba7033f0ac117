-- Relations through a table between, with keys of several columns on one side and one on the other,
-- and from a table to itself.
local d = require("dbcore")

local courses = d.table("courses", {
  d.text "code", d.integer "term", d.text "name", d.primary_key("code", "term"),
})
local students = d.table("students", {
  d.integer "id" :primary_key(), d.text "name" :not_null(), d.boolean "active" :not_null(),
})
local seats = d.table("seats", {
  d.text "course", d.integer "term", d.integer "student_id" :references "students.id",
  d.integer "grade",
  d.primary_key("course", "term", "student_id"),
  d.foreign_key("course", "term"):references("courses", "code", "term"),
})
local friends = d.table("friends", {
  d.integer "a" :references "students.id", d.integer "b" :references "students.id",
  d.primary_key("a", "b"),
}, { without_rowid = true })

local schema = d.schema { courses, students, seats, friends,
  d.relations(courses, {
    students = d.many "students" :through "seats",
    active = d.many("students", { where = students.active:eq(true) }):through "seats",
    passed = d.many("students", { where = seats.grade:le(4) }):through "seats",
  }),
  d.relations(students, {
    courses = d.many "courses" :through "seats",
    friends = d.many "students" :through("friends", { from = "a", to = "b" }),
    admirers = d.many "students" :through("friends", { from = "b", to = "a" }),
  }),
}

-- Course, term, student, grade.
local SEATS = { { "x", 1, 1, 1 }, { "x", 1, 2, 5 }, { "x", 2, 2, 2 }, { "x", 2, 3, 6 },
  { "y", 1, 1, 3 }, { "y", 1, 3, 4 }, { "y", 1, 4, 5 } }
local FRIENDS = { { 1, 2 }, { 1, 3 }, { 2, 1 }, { 3, 4 } }

describe("A relation through a table between", function()
  local db

  setup(function()
    db = d.open(":memory:", { schema = schema })
    db:create()
    db:insert(courses):values({ { code = "x", term = 1 }, { code = "x", term = 2 },
      { code = "y", term = 1 }, { code = "z", term = 1 } }):run()
    for id = 1, 4 do
      db:insert(students):values({ id = id, name = "s" .. id, active = id ~= 2 }):run()
    end
    for _, seat in ipairs(SEATS) do
      db:insert(seats):values({ course = seat[1], term = seat[2], student_id = seat[3],
        grade = seat[4] }):run()
    end
    for _, pair in ipairs(FRIENDS) do
      db:insert(friends):values({ a = pair[1], b = pair[2] }):run()
    end
  end)
  teardown(function()
    assert.equal(0, db:stats().live_statements)
    db:close()
  end)

  local function ids(rows)
    local list = {}
    for i, row in ipairs(rows) do
      list[i] = row.id or row.code .. row.term
    end
    return table.concat(list, " ")
  end

  -- What each row of `query` has under `name`, as text.
  local function related(query, name)
    local list = {}
    for i, row in ipairs(query:all()) do
      list[i] = ids(row[name])
    end
    return list
  end

  local by_course
  before_each(function()
    by_course = db:from(courses):order_by("code", "term")
  end)

  local by_id = d.from(students):order_by(students.id)

  it("meets keys of two columns on one side and of one on the other", function()
    assert.same({ "1 2", "2 3", "1 3 4", "" },
      related(by_course:with({ students = by_id }), "students"))
    assert.same({ "x1 y1", "x1 x2", "x2 y1", "y1" }, related(db:from(students)
      :order_by(students.id):with({ courses = d.from(courses):order_by("code", "term") }),
      "courses"))
  end)

  it("is limited, ordered and made distinct for each row", function()
    assert.same({ "2", "3", "4", "" }, related(by_course:with({ students = d.from(students)
      :order_by(students.id:desc()):limit(1) }), "students"))
    assert.same({ "2", "3", "3", "" }, related(by_course:with({ students = by_id:limit(1)
      :offset(1) }), "students"))
    assert.same({ "x1", "x2", "x2", "y1" }, related(db:from(students):order_by(students.id)
      :with({ courses = d.from(courses):order_by(courses.code, courses.term:desc()):limit(1) }),
      "courses"))
    local flags = {}
    for i, course in ipairs(by_course:with({ students = d.from(students):select(students.active)
      :distinct():order_by(students.active):limit(1) }):all()) do
      flags[i] = course.students[1] and tostring(course.students[1].active) or "none"
    end
    assert.same({ "false", "false", "true", "none" }, flags)
  end)

  it("is ordered by what the table between has", function()
    local by_grade = d.from(students):order_by(seats.grade:desc(), students.id)

    assert.same({ "2 1", "3 2", "4 3 1", "" },
      related(by_course:with({ students = by_grade }), "students"))
    assert.same({ "2", "3", "4", "" },
      related(by_course:with({ students = by_grade:limit(1) }), "students"))
  end)

  it("is looked up where the table between leads to a row once, by an index", function()
    local function looks_up(name, query)
      local start = name == "students" and by_course or db:from(students)
      return db:explain(start:with({ [name] = query })):find("CORRELATED", 1, true) ~= nil
    end
    local first = by_id:limit(1)

    assert.is_true(looks_up("students", first))
    assert.is_true(looks_up("friends", first))
    assert.is_false(looks_up("admirers", first)) -- their key is not what the index begins with
    assert.is_false(looks_up("students", d.from(students):order_by(seats.grade):limit(1)))
    assert.is_false(looks_up("courses", d.from(courses):limit(1)))
    assert.same({ "2", "1", "4", "" }, related(db:from(students):order_by(students.id)
      :with({ friends = first }), "friends"))
    assert.same({ "2", "1", "1", "3" }, related(db:from(students):order_by(students.id)
      :with({ admirers = first }), "admirers"))
  end)

  it("has conditions of its own, on what it leads to and on the table between", function()
    assert.same({ "1", "3", "1 3 4", "" }, related(by_course:with({ active = by_id }), "active"))
    assert.same({ "1", "2", "1 3", "" }, related(by_course:with({ passed = by_id }), "passed"))
    assert.same({ "1", "2", "3", "" }, related(by_course:with({ passed = d.from(students)
      :order_by(students.id:desc()):limit(1) }), "passed"))
  end)

  it("is counted, summed, asked for and joined", function()
    local found = {}
    for i, row in ipairs(by_course:with_count("students"):with_count("passed")
      :with_max("students", "id", nil, "last"):all()) do
      found[i] = { row.students_count, row.passed_count, row.last }
    end
    assert.same({ { 2, 1, 2 }, { 2, 1, 3 }, { 3, 2, 4 }, { 0, 0 } }, found)
    assert.equal("z", db:from(courses):where(d.has_not "students"):one().code)
    assert.equal(2, db:from(courses):where(d.has("students", d.from(students)
      :where(students.id:eq(1)))):count())
    assert.equal(#SEATS, db:from(courses):join("students"):count())
    assert.equal(4, db:from(courses):join("passed"):count())
  end)

  it("leads from a table to itself, both ways, and on", function()
    local all = db:from(students):order_by(students.id):with({ friends = by_id
      :with({ friends = by_id }), admirers = by_id }):all()

    assert.same({ "2 3", "1", "4", "" }, related(db:from(students):order_by(students.id)
      :with({ friends = by_id }), "friends"))
    assert.equal("2", ids(all[1].admirers))
    assert.equal("4", ids(all[1].friends[2].friends))
    assert.equal("1 2", ids(db:from(students):where(d.has "friends.friends"):order_by("id")
      :limit(2):all()))
  end)
end)
