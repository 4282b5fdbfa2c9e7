-- The queue that servers share: who runs next and where, decided at once whenever somebody comes or leaves. The rules are those of
-- `turns.py`, for each machine: each lane has a ring of rooms that wait, a room whose program is granted goes to the ring's end.
--
-- KEYS[1] the hash of tickets; ARGV: what all keys begin with, the operation, the limits as JSON {waiting, running, queued}, its arguments.
-- A ticket that runs names its `runner`; one that waits has "". Nothing is trusted that a runner wrote.

local root, operation, limits = ARGV[1], ARGV[2], cjson.decode(ARGV[3])
local TICKETS, RUNNERS = KEYS[1], root .. 'runners'
local LANES = {'batch', 'interactive'}
local NOTICES_KEPT, NOTICES_MS = 10000, 120000

local tickets, runners, by_name = {}, {}, {}
local waiting = {batch = {}, interactive = {}}
local running_of, changed, silent = {}, {}, nil

local function ring(lane) return root .. 'ring:' .. lane end

local function whole(number) return type(number) == 'number' and number >= 0 and number < 1e14 and number or 0 end

local function read_runner(name, text)
  local ok, said = pcall(cjson.decode, text)
  if not ok or type(said) ~= 'table' then said = {} end
  return {
    name = name, text = text, batch = whole(said.batch), interactive = whole(said.interactive), memory = whole(said.memory_bytes),
    languages = type(said.routes) == 'string' and said.routes or '', used = {batch = 0, interactive = 0}, bytes = {batch = 0, interactive = 0},
  }
end

local function count(ticket, by)
  for _, key in ipairs({'room ' .. ticket.lane .. ticket.room, 'person ' .. ticket.lane .. ticket.person}) do
    running_of[key] = (running_of[key] or 0) + by
  end
  local runner = by_name[ticket.runner]
  if runner then
    runner.used[ticket.lane] = runner.used[ticket.lane] + by
    runner.bytes[ticket.lane] = runner.bytes[ticket.lane] + by * ticket.memory
  end
end

local function line_up(ticket)
  local rooms = waiting[ticket.lane]
  local places = rooms[ticket.room] or {}
  rooms[ticket.room] = places
  table.insert(places, ticket)
  table.sort(places, function(one, other) return one.order < other.order end)
end

local function load()
  local names = redis.call('SMEMBERS', RUNNERS)
  table.sort(names)
  for _, name in ipairs(names) do
    local text = redis.call('GET', root .. 'runner:' .. name)
    if text then
      local runner = read_runner(name, text)
      table.insert(runners, runner)
      by_name[name] = runner
    else
      redis.call('SREM', RUNNERS, name)
    end
  end
  local flat = redis.call('HGETALL', TICKETS)
  for index = 1, #flat, 2 do
    local ticket = cjson.decode(flat[index + 1])
    ticket.id = flat[index]
    tickets[ticket.id] = ticket
    if ticket.runner ~= '' then count(ticket, 1) else line_up(ticket) end
  end
end

local function speaks(runner, language) return string.find(runner.languages, ',' .. language .. ',', 1, true) ~= nil end

local function most_bytes(runner, lane) return lane == 'batch' and runner.memory or math.floor(runner.memory / 2) end

local function may_run(ticket)
  if not ticket.limited then return true end
  return (running_of['room ' .. ticket.lane .. ticket.room] or 0) < limits.running
    and (running_of['person ' .. ticket.lane .. ticket.person] or 0) < limits.running
end

local function fits(runner, ticket)
  if ticket.lane == 'interactive' and runner.bytes.interactive + ticket.memory > most_bytes(runner, 'interactive') then return false end
  return runner.bytes.batch + runner.bytes.interactive + ticket.memory <= runner.memory
end

-- The one with the least to do, among those that have a place for it.
local function choose(ticket, kept)
  local best, load_of_best
  for _, runner in ipairs(runners) do
    local busy = runner.used[ticket.lane] / math.max(1, runner[ticket.lane])
    if busy < 1 and runner[ticket.lane] > 0 and not kept[runner.name] and speaks(runner, ticket.language) and fits(runner, ticket)
      and (best == nil or busy < load_of_best) then
      best, load_of_best = runner, busy
    end
  end
  return best
end

local function find(lane)
  local kept = {}
  for _, room in ipairs(redis.call('ZRANGE', ring(lane), 0, -1)) do
    for _, ticket in ipairs(waiting[lane][room] or {}) do
      if may_run(ticket) then
        local runner = choose(ticket, kept)
        if runner then return ticket, runner end
        -- Whose memory is not free yet is waited for, on the machines that could hold it: smaller ones would pass it for ever.
        for _, other in ipairs(runners) do
          if speaks(other, ticket.language) and ticket.memory <= most_bytes(other, lane) then kept[other.name] = true end
        end
      end
    end
  end
end

local function drop(ticket)
  local places = waiting[ticket.lane][ticket.room]
  for index, place in ipairs(places) do
    if place.id == ticket.id then table.remove(places, index) break end
  end
  if #places == 0 then
    waiting[ticket.lane][ticket.room] = nil
    redis.call('ZREM', ring(ticket.lane), ticket.room)
  end
end

local function grant()
  for _, lane in ipairs(LANES) do
    while true do
      local ticket, runner = find(lane)
      if not ticket then break end
      drop(ticket)
      if waiting[lane][ticket.room] then redis.call('ZADD', ring(lane), redis.call('INCR', root .. 'order'), ticket.room) end
      ticket.runner, ticket.position = runner.name, 0
      count(ticket, 1)
      changed[ticket.id] = ticket
    end
  end
end

-- Who waits in a lane, in the order of their turns as far as it is known now: everybody's first, everybody's second.
local function in_order(lane)
  local rows = {}
  for number, room in ipairs(redis.call('ZRANGE', ring(lane), 0, -1)) do
    for depth, ticket in ipairs(waiting[lane][room] or {}) do table.insert(rows, {depth, number, ticket}) end
  end
  table.sort(rows, function(one, other) return one[1] < other[1] or (one[1] == other[1] and one[2] < other[2]) end)
  return rows
end

local known_together = {}
local function together(one, other)
  if one == other then return true end
  local key = one .. ' ' .. other
  if known_together[key] == nil then
    known_together[key] = false
    for _, runner in ipairs(runners) do
      if speaks(runner, one) and speaks(runner, other) then known_together[key] = true break end
    end
  end
  return known_together[key]
end

-- A position counts those ahead who want a machine that this one could have, too.
local function place_all()
  for _, lane in ipairs(LANES) do
    local ahead = {}
    for _, row in ipairs(in_order(lane)) do
      local ticket, position = row[3], 1
      for language, number in pairs(ahead) do
        if together(language, ticket.language) then position = position + number end
      end
      ahead[ticket.language] = (ahead[ticket.language] or 0) + 1
      if ticket.position ~= position then
        ticket.position = position
        changed[ticket.id] = ticket
      end
    end
  end
end

local function save(ticket)
  redis.call('HSET', TICKETS, ticket.id, cjson.encode({
    room = ticket.room, person = ticket.person, memory = ticket.memory, lane = ticket.lane, limited = ticket.limited,
    language = ticket.language, server = ticket.server, order = ticket.order, runner = ticket.runner, position = ticket.position,
  }))
end

-- Write down what changed, and tell the servers whose it is. Returns the number of this change.
local function settle()
  grant()
  place_all()
  local version, of_servers = redis.call('INCR', root .. 'version'), {}
  for id, ticket in pairs(changed) do
    save(ticket)
    if id ~= silent then
      of_servers[ticket.server] = of_servers[ticket.server] or {}
      table.insert(of_servers[ticket.server], {id, ticket.position, ticket.runner})
    end
  end
  for server, moves in pairs(of_servers) do
    if redis.call('EXISTS', root .. 'server:' .. server) == 1 then
      local key = root .. 'notices:' .. server
      redis.call('XADD', key, 'MAXLEN', '~', NOTICES_KEPT, '*', 'said', cjson.encode({version = version, moves = moves}))
      redis.call('PEXPIRE', key, NOTICES_MS)
    end
  end
  return version
end

local function remove(ticket)
  redis.call('HDEL', TICKETS, ticket.id)
  tickets[ticket.id], changed[ticket.id] = nil, nil
  if ticket.runner ~= '' then count(ticket, -1) else drop(ticket) end
end

local function why_full(ticket)
  local all, room, person = 0, 0, 0
  for _, lane in ipairs(LANES) do
    for _, places in pairs(waiting[lane]) do
      all = all + #places
      for _, place in ipairs(places) do
        if lane == ticket.lane and place.room == ticket.room then room = room + 1 end
        if lane == ticket.lane and place.person == ticket.person then person = person + 1 end
      end
    end
  end
  if all > limits.waiting then return 'waiting' end
  if ticket.limited and room > limits.queued then return 'room' end
  if ticket.limited and person > limits.queued then return 'person' end
end

-- Back into the line, or into it for the first time. `score`: its room's place in the ring, where it has none.
local function wait_again(ticket, score)
  ticket.runner, ticket.position = '', 0
  tickets[ticket.id], changed[ticket.id] = ticket, ticket
  line_up(ticket)
  redis.call('ZADD', ring(ticket.lane), 'NX', score or ticket.order, ticket.room)
end

local function read_new(text)
  local ticket = cjson.decode(text)
  ticket.order = redis.call('INCR', root .. 'order')
  return ticket
end

local function enter(text)
  local ticket = read_new(text)
  local most, known = 0, false
  for _, runner in ipairs(runners) do
    if speaks(runner, ticket.language) then known, most = true, math.max(most, most_bytes(runner, ticket.lane)) end
  end
  if not known then return {'none', 0, 0, ''} end
  if ticket.memory > most then return {'large', 0, most, ''} end
  local id = ticket.id
  silent = id
  wait_again(ticket)
  grant()
  local full = ticket.runner == '' and why_full(ticket)
  if full then
    remove(ticket)
    return {full, 0, 0, ''}
  end
  local version = settle()
  return {'ok', version, ticket.position, ticket.runner}
end

-- A server that was away brings back those of its tickets that wait: they are in already, maybe granted, or take the place that they can.
local function restore(moved)
  for _, text in ipairs(moved) do
    local ticket = read_new(text)
    local known = tickets[ticket.id]
    if known then
      known.server, changed[ticket.id] = ticket.server, known
    else
      wait_again(ticket)
    end
  end
  settle()
end

-- Nobody took what was granted: it waits again, and its room is the first in the ring.
local function again(text)
  local ticket = read_new(text)
  local known = tickets[ticket.id]
  if known and known.runner ~= '' then
    count(known, -1)
    ticket = known
  end
  if known and known.runner == '' then
    changed[ticket.id] = known
  else
    local first = redis.call('ZRANGE', ring(ticket.lane), 0, 0, 'WITHSCORES')
    local score = (tonumber(first[2]) or 0) - 1
    wait_again(ticket, score)
    redis.call('ZADD', ring(ticket.lane), score, ticket.room)
  end
  settle()
end

local function leave(ids)
  for _, id in ipairs(ids) do
    if tickets[id] then remove(tickets[id]) end
  end
  settle()
end

-- A server lives: its lease is longer, what dead servers left goes, and it hears which runners there are.
local function beat(server, lease_ms)
  local key, alive = root .. 'server:' .. server, {}
  local held = redis.call('EXISTS', key)
  redis.call('SET', key, '1', 'PX', lease_ms)
  redis.call('PEXPIRE', root .. 'notices:' .. server, NOTICES_MS)
  for _, ticket in pairs(tickets) do
    if alive[ticket.server] == nil then alive[ticket.server] = redis.call('EXISTS', root .. 'server:' .. ticket.server) == 1 end
  end
  for _, ticket in pairs(tickets) do
    if not alive[ticket.server] then remove(ticket) end
  end
  local version, lengths, said = settle(), {batch = 0, interactive = 0}, {}
  for _, lane in ipairs(LANES) do
    for _, places in pairs(waiting[lane]) do lengths[lane] = lengths[lane] + #places end
  end
  for _, runner in ipairs(runners) do
    table.insert(said, {runner.name, runner.text, runner.used.batch, runner.used.interactive, runner.bytes.batch + runner.bytes.interactive})
  end
  return {held, version, lengths.batch, lengths.interactive, said}
end

load()
local rest = {unpack(ARGV, 4)}
if operation == 'enter' then return enter(rest[1]) end
if operation == 'beat' then return beat(rest[1], rest[2]) end
if operation == 'restore' then return restore(rest) end
if operation == 'leave' then return leave(rest) end
if operation == 'again' then return again(rest[1]) end
return redis.error_reply('no such operation: ' .. operation)
