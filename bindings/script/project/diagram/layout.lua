-- Where the boxes of a picture stand. Tables are put into layers from left to right, each to the
-- right of those it points to; a line that passes a layer gets a place of its own in it, so that
-- it runs between boxes. Within the layers the order is chosen so that lines cross little, and
-- then everything is moved towards what it is connected with.
local layout = {}

local SWEEPS = 12 -- passes over the layers for the order, and again for the places
local GAP_X, GAP_Y = 90, 28 -- between layers, between boxes
local LANE = 8 -- height of the place of a line that passes

---@class dbscript.Node
---@field table integer? index of the table; nil for a place of a line
---@field layer integer
---@field width number
---@field height number
---@field x number
---@field y number
---@field left dbscript.Node[] neighbours in the layer before
---@field right dbscript.Node[] and in the one behind

-- Children of each table, without loops and without doubles.
local function children_of(lines, count)
  local children, seen = {}, {}
  for i = 1, count do
    children[i], seen[i] = {}, {}
  end
  for _, line in ipairs(lines) do
    if line.parent ~= line.child and not seen[line.parent][line.child] then
      seen[line.parent][line.child] = true
      table.insert(children[line.parent], line.child)
    end
  end
  return children
end

-- Leaves out of `children` what would close a circle. Without recursion: schemas may be deep.
local function without_circles(children)
  local state, kept = {}, {}
  for root = 1, #children do
    local stack = not state[root] and { { root, 0 } } or {}
    state[root] = state[root] or "open"
    kept[root] = kept[root] or {}
    while #stack > 0 do
      local top = stack[#stack]
      top[2] = top[2] + 1
      local child = children[top[1]][top[2]]
      if not child then
        state[top[1]] = "done"
        stack[#stack] = nil
      elseif state[child] ~= "open" then
        table.insert(kept[top[1]], child)
        if not state[child] then
          state[child], kept[child] = "open", {}
          stack[#stack + 1] = { child, 0 }
        end
      end
    end
  end
  return kept
end

-- The layer of each table: one more than the last of its parents; those that stand alone: 0.
local function layers_of(children)
  local layer, waiting, ready = {}, {}, {}
  for i = 1, #children do
    layer[i], waiting[i] = 1, 0
  end
  for _, list in ipairs(children) do
    for _, child in ipairs(list) do
      waiting[child] = waiting[child] + 1
    end
  end
  for i = 1, #children do
    if waiting[i] == 0 then
      ready[#ready + 1] = i
    end
  end
  for _, i in ipairs(ready) do -- grows while it is walked
    for _, child in ipairs(children[i]) do
      layer[child] = math.max(layer[child], layer[i] + 1)
      waiting[child] = waiting[child] - 1
      if waiting[child] == 0 then
        ready[#ready + 1] = child
      end
    end
  end
  return layer
end

local function new_node(self, layer, width, height)
  local node = { layer = layer, width = width, height = height, left = {}, right = {} }
  self.layers[layer] = self.layers[layer] or {}
  table.insert(self.layers[layer], node)
  return node
end

local function connect(a, b)
  table.insert(a.right, b)
  table.insert(b.left, a)
end

-- The nodes of a line between two boxes: these and a place in every layer between them.
local function place_line(self, line)
  local from, to = self.boxes[line.parent], self.boxes[line.child]
  if from.layer > to.layer then
    from, to = to, from
  end
  local path = { from }
  for layer = from.layer + 1, to.layer - 1 do
    path[#path + 1] = new_node(self, layer, 0, LANE)
  end
  path[#path + 1] = to
  for i = 2, #path do
    connect(path[i - 1], path[i])
  end
  return path
end

---------------------------------------------------------------------------------------------------
-- The order within the layers

local function mean_place(nodes, key)
  local sum = 0
  for _, node in ipairs(nodes) do
    sum = sum + node[key]
  end
  return sum / #nodes
end

local function number_nodes(layer)
  for i, node in ipairs(layer) do
    node.order = i
  end
end

-- Sorts a layer by the mean place of the neighbours on one side; those without stay.
local function sort_layer(layer, side)
  local wanted = {}
  for i, node in ipairs(layer) do
    wanted[node] = #node[side] > 0 and mean_place(node[side], "order") or i
  end
  local before = {}
  for i, node in ipairs(layer) do
    before[node] = i
  end
  table.sort(layer, function(a, b)
    if wanted[a] ~= wanted[b] then
      return wanted[a] < wanted[b]
    end
    return before[a] < before[b]
  end)
  number_nodes(layer)
end

-- Visits all layers to the right and back, several times: each with the side on which its
-- neighbour was visited before.
local function sweep(layers, visit)
  for _ = 1, SWEEPS do
    for i = 2, #layers do
      visit(layers[i], "left")
    end
    for i = #layers - 1, 1, -1 do
      visit(layers[i], "right")
    end
  end
end

local function order_layers(layers)
  for _, layer in ipairs(layers) do
    number_nodes(layer)
  end
  sweep(layers, sort_layer)
end

---------------------------------------------------------------------------------------------------
-- Places

local function middle(node)
  return node.y + node.height / 2
end

local function stack(layer)
  local y = 0
  for _, node in ipairs(layer) do
    node.y = y
    y = y + node.height + GAP_Y
  end
end

local function wanted_y(node, side)
  local sum, count = 0, 0
  for _, other in ipairs(node[side]) do
    sum, count = sum + middle(other), count + 1
  end
  return count > 0 and sum / count - node.height / 2 or node.y
end

-- Moves the nodes of a layer towards where they want to be, keeping order and gaps: from above
-- each takes its place or the next free one, then the whole is centred on what was wanted.
local function settle(layer, side)
  local wanted, shift, y = {}, 0, -math.huge
  for i, node in ipairs(layer) do
    wanted[i] = wanted_y(node, side)
    node.y = math.max(wanted[i], y)
    y = node.y + node.height + GAP_Y
    shift = shift + node.y - wanted[i]
  end
  shift = shift / #layer
  for _, node in ipairs(layer) do
    node.y = node.y - shift
  end
end

local function settle_layers(layers)
  for _, layer in ipairs(layers) do
    stack(layer)
  end
  sweep(layers, settle)
end

local function place_layers(self)
  local x, top = 0, math.huge
  for _, layer in ipairs(self.layers) do
    local width = 0
    for _, node in ipairs(layer) do
      width = math.max(width, node.width)
    end
    for _, node in ipairs(layer) do
      node.x = x
      if not node.table then
        node.width = width -- a line passes the whole layer
      end
      top = math.min(top, node.y)
    end
    x = x + width + GAP_X
  end
  self.width, self.height = math.max(0, x - GAP_X), 0
  for _, layer in ipairs(self.layers) do
    for _, node in ipairs(layer) do
      node.y = math.floor(node.y - top + 0.5)
      self.height = math.max(self.height, node.y + node.height)
    end
  end
end

-- Tables without any line, in rows beneath the others.
local function place_alone(self, alone)
  local x, y, row = 0, self.height > 0 and self.height + 2 * GAP_Y or 0, 0
  local room = math.max(self.width, 900)
  for _, node in ipairs(alone) do
    if x > 0 and x + node.width > room then
      x, y, row = 0, y + row + GAP_Y, 0
    end
    node.x, node.y = x, y
    x, row = x + node.width + GAP_Y, math.max(row, node.height)
    self.width = math.max(self.width, x - GAP_Y)
    self.height = math.max(self.height, y + row)
  end
end

--- Places boxes and lines.
---@param sizes { width: number, height: number }[] of the tables
---@param lines table[] { parent, child }
---@return { boxes: dbscript.Node[], paths: dbscript.Node[][], width: number, height: number }
--- boxes: one a table; paths: one a line, from left to right; empty for a table and itself
function layout.place(sizes, lines)
  local self = { boxes = {}, paths = {}, layers = {} }
  local layer = layers_of(without_circles(children_of(lines, #sizes)))
  local is_joined, alone = {}, {}
  for _, line in ipairs(lines) do
    if line.parent ~= line.child then
      is_joined[line.parent], is_joined[line.child] = true, true
    end
  end
  for i, size in ipairs(sizes) do
    local node
    if is_joined[i] then
      node = new_node(self, layer[i], size.width, size.height)
    else
      node = { width = size.width, height = size.height }
      alone[#alone + 1] = node
    end
    node.table = i
    self.boxes[i] = node
  end
  for i, line in ipairs(lines) do
    self.paths[i] = line.parent ~= line.child and place_line(self, line) or {}
  end
  order_layers(self.layers)
  settle_layers(self.layers)
  place_layers(self)
  place_alone(self, alone)
  return self
end

return layout
