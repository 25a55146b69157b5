-- Changes a log's roll, and says who is there at which node. `KEYS[1]` is its hash: the format `v`, the epoch `e`, the number
-- of the last change `o`, the tag of the server that wrote last `t`, and for each member `k<key>` its record: the time in
-- milliseconds at which it has left or 0, the connections `<node>:<count>,` at each node, and the info, with a blank between
-- them. `ARGV` has the epoch if one is to begin, the channel, the milliseconds that the roll lives unchanged, the node, what
-- it was before as `<node>,`, the milliseconds that a member stays without a connection, the same for one whose node is dead,
-- and the changes. What is so already is left as it is. The answer is the roll's epoch and number before, and now, the time,
-- and what was published.
local FIXED = 7
local roll, node, former = KEYS[1], ARGV[4], ARGV[5]
local grace, dead_grace = tonumber(ARGV[6]), tonumber(ARGV[7])

local kind = redis.call('TYPE', roll).ok
if kind ~= 'hash' and kind ~= 'none' then
  return foreign(roll)
end
local v = redis.call('HMGET', roll, 'v', 'e', 'o', 't')
if kind == 'hash' then
  if v[1] and v[1] ~= '1' and v[2] then
    return redis.error_reply('EREONEWER ' .. v[1])
  end
  if not (v[1] and v[2] and v[3] and v[4]) then
    return foreign(roll)
  end
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- Records as they were, as they are, and the keys of those that are another.
local before, records, touched = {}, {}, {}

local function read(key)
  if records[key] == nil then
    local record = redis.call('HMGET', roll, 'k' .. key)[1]
    local til, nodes, info = string.match(record or '', '^(%d+) (%S*) (.*)$')
    before[key] = record or ''
    records[key] = til and { til = tonumber(til), nodes = nodes, info = info } or false
    table.insert(touched, key)
  end
  return records[key]
end

local function without(nodes, gone)
  return (string.gsub(nodes, gone .. ':%d+,', ''))
end

-- The last connection has left.
local function goes(key, record, stays)
  if record.nodes == '' and record.til == 0 then
    if stays > 0 then
      record.til = now + stays
    else
      records[key] = false
    end
  end
end

local index = FIXED + 1
while index <= #ARGV do
  local change, key = ARGV[index], ARGV[index + 1]
  local record = read(key)
  if change == 'here' then
    local count, gives, info = tonumber(ARGV[index + 2]), ARGV[index + 3] == '1', ARGV[index + 4]
    if record then
      record.nodes = without(record.nodes, node)
      for was in string.gmatch(former, '(%x+),') do
        record.nodes = without(record.nodes, was)
      end
    elseif count > 0 then
      record = { nodes = '', info = info }
      records[key] = record
    end
    if record and count > 0 then
      record.nodes, record.til = record.nodes .. node .. ':' .. text(count) .. ',', 0
      if gives then
        record.info = info
      end
    elseif record then
      goes(key, record, grace)
    end
    index = index + 5
  elseif change == 'dead' then
    if record then
      local nodes = without(record.nodes, ARGV[index + 2])
      if nodes ~= record.nodes then
        record.nodes = nodes
        goes(key, record, dead_grace)
      end
    end
    index = index + 3
  else
    if record and record.til > 0 and (record.til <= now or ARGV[index + 2] == '1') then
      records[key] = false
    end
    index = index + 3
  end
end

local was_e, was_o = v[2] or '', tonumber(v[3] or '0')
local e, o, tag = v[2] or ARGV[1], was_o, server()
local is_forked = kind == 'hash' and v[4] ~= tag
if is_forked then
  e = ARGV[1]
end
local delta, is_changed = {}, false
for _, key in ipairs(touched) do
  local record = records[key]
  local written = record and (text(record.til) .. ' ' .. record.nodes .. ' ' .. record.info) or ''
  if written ~= before[key] then
    is_changed = true
    if record then
      redis.call('HSET', roll, 'k' .. key, written)
    else
      redis.call('HDEL', roll, 'k' .. key)
    end
    table.insert(delta, struct.pack('>I4', #key) .. key .. struct.pack('>I4', #written) .. written)
  end
end
if is_changed then
  o = o + 1
end
if is_changed or is_forked then
  redis.call('HSET', roll, 'v', '1', 'e', e, 'o', text(o), 't', tag)
  redis.call('PEXPIRE', roll, ARGV[3])
end
local changed = table.concat(delta)
if is_changed then
  -- As a message of a log is told, by a producer that is none.
  local entry = '\1' .. struct.pack('>I8', now) .. struct.pack('>I8', 0) .. changed
  redis.call('PUBLISH', ARGV[2], '\1' .. e .. struct.pack('>I8', o) .. struct.pack('>I4', #entry) .. entry)
end
if kind == 'none' and not is_changed then
  e = ''
end
return { was_e, was_o, e, o, now, changed }
